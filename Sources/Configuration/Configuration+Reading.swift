import Foundation
import Storage

extension Configuration {
  /// Reads the file at `path` and applies `overrides` (`key.path=value`) to it. Throws on the first
  /// thing that keeps the text from being read, else on all problems of its keys together.
  public init(contentsOf path: String, overrides: [String] = []) throws(ConfigurationError) {
    try self.init(Self.bytes(of: path), source: path, overrides: overrides, stored: nil)
  }

  /// Reads a configuration's text. `source` is its name in messages.
  /// - Parameter stored: what the run that is resumed was begun with; nil begins one.
  public init(
    text: String, source: String = "config.json", overrides: [String] = [],
    stored: JSONValue? = nil
  ) throws(ConfigurationError) {
    try self.init(Array(text.utf8), source: source, overrides: overrides, stored: stored)
  }

  private init(
    _ bytes: [UInt8], source: String, overrides: [String], stored: JSONValue?
  ) throws(ConfigurationError) {
    let given = try Self.json(bytes, source: source, overrides: overrides)
    try self.init(
      stored.map { Self.resumed(given, from: $0) } ?? given,
      source: overrides.isEmpty ? source : "\(source) with --set")
  }

  /// Reads a configuration from JSON. `source` is its name in messages.
  public init(_ json: JSONValue, source: String = "config.json") throws(ConfigurationError) {
    let reader = SettingsReader(names: SettingNames(paths: Self.paths))
    var json = json
    Self.removeSchema(from: &json)
    RenamedKeys.apply(to: &json)
    let configuration = reader.section(Self.self, from: json)
    guard reader.problems.isEmpty, let configuration else {
      throw .invalid(source: source, problems: reader.problems)
    }
    self = configuration
  }

  /// A configuration's JSON with `overrides` applied, not yet checked.
  package static func json(
    _ bytes: [UInt8], source: String, overrides: [String]
  ) throws(ConfigurationError) -> JSONValue {
    var json: JSONValue
    do {
      json = try JSONValue(parsing: bytes)
    } catch {
      throw .notJSON(source: source, reason: "\(error)")
    }
    removeSchema(from: &json)
    RenamedKeys.apply(to: &json)
    for text in overrides { try ConfigurationOverride(text).apply(to: &json) }
    return json
  }

  /// The bytes of a file that the configuration is, or names.
  package static func bytes(of path: String) throws(ConfigurationError) -> [UInt8] {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw .fileMissing(path: path)
    }
    guard !isDirectory.boolValue else {
      throw .unreadable(path: path, reason: "it is a directory; the path of a JSON file is wanted")
    }
    do {
      return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw .unreadable(path: path, reason: error.localizedDescription)
    }
  }
}

extension Configuration {
  /// The configuration with every default filled in, in the documented order. Reading it gives an
  /// equal configuration.
  public var resolved: JSONValue { json }

  /// A number that is the same for equal configurations and, but for chance, for no others:
  /// FNV-1a (64 bits) of the resolved text, as 16 hexadecimal digits. By it ranks find that they
  /// were given different configurations.
  public var hash: String {
    let hash = resolved.text().utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01B3
    }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

extension Configuration {
  /// Every key with its value, sections joined by dots, but for the names of files and directories.
  package var hyperparameters: [(String, JSONValue)] {
    (resolved.object ?? JSONObject()).flatMap { section, value -> [(String, JSONValue)] in
      guard section != "data", let keys = value.object else { return [] }
      return keys.map { ("\(section).\($0)", $1) }
    }
  }
}
