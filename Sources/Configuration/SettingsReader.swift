// Reads sections strictly: a key that no section declares, a value that is not what its key wants
// and keys that contradict one another are problems, and all of them are collected.

import Storage

/// The state of reading one configuration: where it is and what was wrong so far.
final class SettingsReader {
  /// More problems than this are not listed.
  static let mostProblems = 20

  private(set) var problems: [ConfigurationProblem] = []
  private var path: [String] = []
  private var objects: [JSONObject] = []
  private let names: SettingNames

  /// A reader that looks for the names of mistyped keys among `names`.
  init(names: SettingNames) {
    self.names = names
  }

  /// What the section that is being read holds under the key, be it right or wrong.
  func given(_ key: String) -> JSONValue? {
    objects.last?[key]
  }

  /// Whether the section that is being read holds the key, with a right or wrong value.
  func isGiven(_ key: String) -> Bool {
    given(key) != nil
  }

  /// Notes a problem of a key of the section that is being read.
  func report(_ key: String, _ message: String) {
    note(message, at: path + [key])
  }

  private func note(_ message: String, at path: [String]) {
    problems.append(ConfigurationProblem(key: path.joined(separator: "."), message: message))
  }

  /// The value in `json`; nil, with a problem noted, if it has not the right form.
  func value<Value>(_ json: JSONValue, _ form: SettingForm<Value>) -> Value? {
    let value = form.read(json, self)
    if value == nil { note("wanted \(form.wanted), found \(Self.shown(json))", at: path) }
    return value
  }

  /// The section in `json`; nil, with a problem noted, if it is not an object.
  func section<Section: Settings>(_ type: Section.Type, from json: JSONValue) -> Section? {
    if case .null = json, let value = Section.null { return value }
    guard let object = json.object else {
      note("wanted an object with keys, found \(Self.shown(json))", at: path)
      return nil
    }
    return section(type, from: object)
  }

  private func section<Section: Settings>(_ type: Section.Type, from object: JSONObject) -> Section
  {
    objects.append(object)
    defer { objects.removeLast() }
    var section = Section()
    for key in Section.keys {
      path.append(key.name)
      key.read(object[key.name], &section, self)
      path.removeLast()
    }
    let known = Section.keys.map(\.name)
    for key in object.keys where !known.contains(key) {
      report(key.count <= 60 ? key : excerpt(key), names.advice(for: key, in: path, known: known))
    }
    section.finish(self)
    return section
  }

  private static func shown(_ json: JSONValue) -> String {
    switch json {
    case .string(let text): excerpt(text)
    case .object: json.kind
    case .null, .bool, .integer, .double: json.text()
    case .array:
      switch json.text() {
      case let text where text.count <= 60: text
      default: json.kind
      }
    }
  }
}
