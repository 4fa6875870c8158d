// One `--vary` of the command line: a key and what it is to be.

import Configuration
import Foundation
import Reporting
import Storage

/// A key that differs between the variants of a sweep.
struct SweepAxis {
  /// What the key may be.
  enum Choice {
    /// One of these, each as `--set` takes it.
    case values([String])
    /// A number drawn between two bounds.
    case range(SweepRange)
  }

  /// The path of the key, its parts joined by dots.
  let key: String
  let choice: Choice

  /// Reads the text after `--vary`.
  init(_ text: String) throws(Failure) {
    guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
      throw Failure(
        .usage, "--vary \(text): wanted key.path=value,value,…, as training.seed=1,2,3")
    }
    key = String(text[..<equals])
    guard key != "output_dir" else {
      throw Failure(.usage, "--vary \(text): each variant has an output_dir of its own already")
    }
    let rest = String(text[text.index(after: equals)...])
    if let range = try SweepRange(rest, of: text) {
      choice = .range(range)
      return
    }
    let values = Self.split(rest)
    for (place, value) in values.enumerated() {
      _ = try Self.assignment(key, value)
      guard !values[..<place].contains(value) else {
        throw Failure(.usage, "--vary \(text): \(value) is given twice")
      }
    }
    choice = .values(values)
  }

  /// `key=value` as an override. Throws where it cannot be understood.
  static func assignment(_ key: String, _ value: String) throws(Failure) -> ConfigurationOverride {
    do { return try ConfigurationOverride("\(key)=\(value)") } catch {
      throw Self.failure(error)
    }
  }

  /// The error of an override, in the words of this option.
  static func failure(_ error: ConfigurationError) -> Failure {
    guard case .badOverride(let text, let reason) = error else { return Failure(error) }
    return Failure(.usage, "--vary \(text): \(reason)")
  }

  /// The parts between commas that stand in no brackets, braces or quotes.
  private static func split(_ text: String) -> [String] {
    var parts = [""]
    var (depth, isQuoted, isEscaped) = (0, false, false)
    for character in text {
      if character == ",", depth == 0, !isQuoted {
        parts.append("")
        continue
      }
      parts[parts.count - 1].append(character)
      if isQuoted {
        if character == "\"", !isEscaped { isQuoted = false }
        isEscaped = character == "\\" && !isEscaped
      } else if character == "\"" {
        isQuoted = true
      } else if "[{".contains(character) {
        depth += 1
      } else if "]}".contains(character) {
        depth -= 1
      }
    }
    return parts.map { $0.trimmingCharacters(in: .whitespaces) }
  }
}
