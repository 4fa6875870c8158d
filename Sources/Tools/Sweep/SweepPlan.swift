// From the command line to the list of variants. Everything here follows from the configuration and
// the options alone, so that every rank, and every start, finds the same list.

import Configuration
import Data
import Reporting
import Storage

/// One of the runs of a sweep.
struct SweepVariant {
  /// From 1.
  let number: Int
  /// The keys that are varied, with their values as they were given or drawn.
  let values: [(key: String, text: String)]
  /// Its directory's name in the sweep's.
  let name: String
  /// An ordinary run's.
  let configuration: Configuration

  /// The varied keys and values, in a line.
  var description: String { values.map { "\($0.key)=\($0.text)" }.joined(separator: " ") }
}

/// All runs of a sweep.
struct SweepPlan {
  /// The sweep's directory.
  let directory: String
  let keys: [String]
  let variants: [SweepVariant]
  /// The configuration without what is varied.
  let base: JSONValue

  /// A grid beyond this is a slip more likely than a wish.
  static let mostVariants = 1_000

  /// Throws for the first variant whose configuration is wrong.
  init(_ options: SweepOptions, text: [UInt8]) throws {
    let base = try Configuration.json(
      text, source: options.configuration, overrides: options.overrides)
    self.base = base
    directory = try Self.directory(options, base)
    let axes = try options.variations.map { try SweepAxis($0) }
    keys = axes.map(\.key)
    for (place, key) in keys.enumerated() where keys[..<place].contains(key) {
      throw Failure(.usage, "--vary \(key): is given twice; list all of its values in one")
    }
    let combinations = try Self.combinations(axes, options)
    let digits = max(3, "\(combinations.count)".count)
    variants = try combinations.enumerated().map { [keys, directory] place, texts in
      let values = Array(zip(keys, texts)).map { (key: $0, text: $1) }
      let name = Self.name(place + 1, digits: digits, values)
      return SweepVariant(
        number: place + 1, values: values, name: name,
        configuration: try Self.configuration(
          base, values, outputDirectory: "\(directory)/\(name)", options))
    }
  }

  private static func directory(_ options: SweepOptions, _ base: JSONValue) throws -> String {
    if let output = options.output { return output }
    guard let run = base["output_dir"]?.string, !run.isEmpty else {
      throw Failure(
        .badConfiguration,
        "\(options.configuration): output_dir is missing; give it, or the sweep's own directory by "
          + "--output")
    }
    return "\(run)-sweep"
  }

  private static func configuration(
    _ base: JSONValue, _ values: [(key: String, text: String)], outputDirectory: String,
    _ options: SweepOptions
  ) throws -> Configuration {
    var json = base
    for (key, text) in values {
      let assignment = try SweepAxis.assignment(key, text)
      do { try assignment.apply(to: &json) } catch { throw SweepAxis.failure(error) }
    }
    if var object = json.object {
      object["output_dir"] = .string(outputDirectory)
      json = .object(object)
    }
    let given = values.map { "\($0.key)=\($0.text)" }.joined(separator: " --vary ")
    let source = "\(options.configuration) with --vary \(given)"
    let configuration = try Configuration(json, source: source)
    try configuration.checkPrecision(source: source)
    return configuration
  }

  /// The number and the values, as far as they can stand in a file's name.
  private static func name(
    _ number: Int, digits: Int, _ values: [(key: String, text: String)]
  ) -> String {
    let text = values.map { "\($0.key.split(separator: ".").last ?? "")-\($0.text)" }
      .joined(separator: "-")
    var plain = ""
    for character in text {
      let isPlain =
        character.isASCII && (character.isLetter || character.isNumber || "._-".contains(character))
      if isPlain || plain.last != "-" { plain.append(isPlain ? character : "-") }
    }
    let padded = String(repeating: "0", count: max(0, digits - "\(number)".count)) + "\(number)"
    var short = plain.prefix(60)
    while short.last == "-" { short.removeLast() }
    return "\(padded)-\(short)"
  }
}
