// The forms that a key's value can have. Each says in words what it wants, for messages.

import Storage

/// How a value is read from JSON and written to it.
struct SettingForm<Value>: Sendable {
  /// What is wanted, with its article: "a number greater than 0".
  let wanted: String
  /// The paths of the keys inside, if the value may be an object with keys of its own.
  var inner: [String] = []
  /// The JSON Schema of the value.
  let schema: JSONObject
  /// The value, or nil if the JSON is not what is wanted. A form that looks inside an object may
  /// instead report to the reader what is wrong there and give a value all the same.
  let read: @Sendable (JSONValue, SettingsReader) -> Value?
  let write: @Sendable (Value) -> JSONValue

  /// The form, or `null`.
  var orNull: SettingForm<Value?> {
    SettingForm<Value?>(
      wanted: "\(wanted), or null", inner: inner,
      schema: ["anyOf": [.object(schema), ["type": "null"]]],
      read: { json, reader in
        if case .null = json { return .some(nil) }
        return read(json, reader).map(Optional.some)
      },
      write: { $0.map(write) ?? .null })
  }
}

extension SettingForm<Double> {
  /// A number within bounds; `reason` says why the bounds are what they are.
  static func number(_ bounds: Bounds<Double> = Bounds(), because reason: String? = nil) -> Self {
    SettingForm(
      wanted: bounds.wanted("a number", because: reason), schema: bounds.schema("number"),
      read: { json, _ in number(json).flatMap { bounds.contains($0) ? $0 : nil } },
      write: { .double($0) })
  }

  /// A number within bounds that usually is a whole one, and is written as such if it is.
  static func amount(_ bounds: Bounds<Double>) -> Self {
    SettingForm(
      wanted: bounds.wanted("a number"), schema: bounds.schema("number"),
      read: { json, _ in number(json).flatMap { bounds.contains($0) ? $0 : nil } },
      write: { value in Int(exactly: value).map { .integer($0) } ?? .double(value) })
  }

  /// A JSON number; the strings that `JSONValue.number` reads as infinities are none here.
  private static func number(_ json: JSONValue) -> Double? {
    json.string == nil ? json.number : nil
  }
}

extension SettingForm<Int> {
  /// A whole number within bounds; `reason` says why the bounds are what they are. `64.0` and `1e3`
  /// are whole numbers too.
  static func integer(_ bounds: Bounds<Int>, because reason: String? = nil) -> Self {
    SettingForm(
      wanted: bounds.wanted("a whole number", because: reason), schema: bounds.schema("integer"),
      read: { json, _ in integer(json).flatMap { bounds.contains($0) ? $0 : nil } },
      write: { .integer($0) })
  }

  private static func integer(_ json: JSONValue) -> Int? {
    if case .double(let value) = json { Int(exactly: value) } else { json.integer }
  }
}

extension SettingForm<Bool> {
  /// `true` or `false`.
  static var flag: Self {
    SettingForm(
      wanted: "true or false", schema: ["type": "boolean"], read: { json, _ in json.bool },
      write: { .bool($0) })
  }
}

extension SettingForm<String> {
  /// A string that is not empty; `meaning` says what it names, with its article.
  static func text(_ meaning: String) -> Self {
    SettingForm(
      wanted: "\(meaning) (a string)", schema: ["type": "string", "minLength": 1],
      read: { json, _ in json.string.flatMap { $0.isEmpty ? nil : $0 } },
      write: { .string($0) })
  }
}

extension SettingForm<String> {
  /// One of the names.
  static func choice(of names: [String]) -> Self {
    SettingForm(
      wanted: "one of \(names.map { "\"\($0)\"" }.joined(separator: ", "))",
      schema: ["enum": .array(names.map { .string($0) })],
      read: { json, _ in json.string.flatMap { names.contains($0) ? $0 : nil } },
      write: { .string($0) })
  }
}

extension SettingForm
where Value: CaseIterable & RawRepresentable & Sendable, Value.RawValue == String {
  /// One of an enumeration's names.
  static var choice: Self {
    SettingForm(
      wanted: SettingForm<String>.choice(of: Value.allCases.map(\.rawValue)).wanted,
      schema: SettingForm<String>.choice(of: Value.allCases.map(\.rawValue)).schema,
      read: { json, _ in json.string.flatMap(Value.init(rawValue:)) },
      write: { .string($0.rawValue) })
  }
}

extension SettingForm<[String]> {
  /// A list of strings, which may be empty; `meaning` says what they are.
  static func texts(_ meaning: String) -> Self {
    SettingForm(
      wanted: "a list of \(meaning) (strings)",
      schema: ["type": "array", "items": ["type": "string"]],
      read: { json, _ in
        guard let array = json.array else { return nil }
        let texts = array.compactMap(\.string)
        return texts.count == array.count ? texts : nil
      },
      write: { .array($0.map { .string($0) }) })
  }
}
