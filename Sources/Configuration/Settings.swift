// A section of the configuration declares its keys once, in a table. Reading, writing, the list of
// known names and the comparison on resume all walk that table, so a new key is a property with its
// default and one line.

import Storage

/// A section of the configuration.
protocol Settings: Sendable, Equatable {
  /// The keys in the order in which they are documented and written.
  static var keys: [SettingsKey<Self>] { get }

  /// What JSON's `null` in place of the section means; nil if it means nothing.
  static var null: Self? { get }

  /// All keys at their defaults. A required key is empty.
  init()

  /// Fills in defaults that depend on other keys, and reports what only several keys together show
  /// to be wrong. Called once, after the keys are read.
  mutating func finish(_ reader: SettingsReader)
}

extension Settings {
  static var null: Self? { nil }

  mutating func finish(_ reader: SettingsReader) {}

  /// The section as JSON, every key included.
  var json: JSONValue {
    .object(
      JSONObject(Self.keys.compactMap { key in key.write(self).map { (key.name, $0) } }))
  }

  /// The paths of all keys, those of sections inside this one included.
  static var paths: [String] {
    keys.flatMap { key in [key.name] + key.inner.map { "\(key.name).\($0)" } }
  }
}

/// What a changed value means for a run that is resumed.
///
/// Harmless is a key that only says how long the run goes on, how often it looks and what it keeps
/// or writes: the state in the checkpoint means the same under the new value, and no step is
/// computed by another rule. Every other change would make the rest of the run the continuation of
/// a run that never was, so it stops a resume.
enum ResumeEffect: Sendable {
  case harmless
  case stops
}

/// One key of a section: its name, the property it fills, and the form of its value.
struct SettingsKey<Section: Settings>: Sendable {
  let name: String
  /// The paths of the keys inside, if the value is a section.
  let inner: [String]
  let read: @Sendable (JSONValue?, inout Section, SettingsReader) -> Void
  /// Nil if the key is not to be written.
  let write: @Sendable (Section) -> JSONValue?
  let differences: @Sendable (Section, Section) -> [ConfigurationDifference]
  /// The paths, from this section on, of the keys whose change stops a resume.
  let stoppingResume: [String]
  /// The JSON Schema of the value.
  private(set) var schema = JSONObject()
  /// What the key does, in a sentence.
  private(set) var meaning = ""

  /// The key with a sentence that says what it does.
  func means(_ text: String) -> Self {
    var key = self
    key.meaning = text
    return key
  }

  /// The key with the JSON Schema of its value, if it is read by its own rules.
  func formed(_ schema: JSONObject) -> Self {
    var key = self
    key.schema = schema
    return key
  }

  /// A key that is read and written by its own rules.
  init(
    _ name: String, inner: [String] = [], onResume effect: ResumeEffect = .stops,
    read: @escaping @Sendable (JSONValue?, inout Section, SettingsReader) -> Void,
    write: @escaping @Sendable (Section) -> JSONValue?
  ) {
    self.name = name
    self.inner = inner
    self.read = read
    self.write = write
    stoppingResume = effect == .stops ? [name] : []
    differences = { old, new in
      let (old, new) = (write(old) ?? .null, write(new) ?? .null)
      guard old != new else { return [] }
      // Two sections of the same form differ in some of their keys; else the whole is another.
      if !inner.isEmpty, let before = old.object, let after = new.object, before.keys == after.keys
      {
        return zip(before, after).filter { $0.1 != $1.1 }.map { was, now in
          ConfigurationDifference(
            key: "\(name).\(was.0)", old: was.1, new: now.1, isHarmless: effect == .harmless)
        }
      }
      return [
        ConfigurationDifference(key: name, old: old, new: new, isHarmless: effect == .harmless)
      ]
    }
  }

  /// A key with one value. If the file lacks it, the property keeps its default.
  init<Value>(
    _ name: String, _ property: WritableKeyPath<Section, Value> & Sendable,
    _ form: SettingForm<Value>, onResume effect: ResumeEffect = .stops
  ) {
    self.init(
      name, inner: form.inner, onResume: effect,
      read: { json, section, reader in
        guard let json, let value = reader.value(json, form) else { return }
        section[keyPath: property] = value
      },
      write: { form.write($0[keyPath: property]) })
    schema = form.schema
  }

  /// A key with one value or null.
  init<Value>(
    _ name: String, _ property: WritableKeyPath<Section, Value?> & Sendable,
    orNull form: SettingForm<Value>, onResume effect: ResumeEffect = .stops
  ) {
    self.init(name, property, form.orNull, onResume: effect)
  }

  /// A key that holds a section. One that is absent is read as an empty one.
  init<Inner: Settings>(_ name: String, _ property: WritableKeyPath<Section, Inner> & Sendable) {
    self.name = name
    inner = Inner.paths
    read = { json, section, reader in
      if let value = reader.section(Inner.self, from: json ?? .object(JSONObject())) {
        section[keyPath: property] = value
      }
    }
    write = { $0[keyPath: property].json }
    stoppingResume = Inner.keys.flatMap(\.stoppingResume).map { "\(name).\($0)" }
    differences = { old, new in
      Inner.keys.flatMap {
        $0.differences(old[keyPath: property], new[keyPath: property])
      }.map { $0.inside(name) }
    }
    schema = Inner.schema
  }
}
