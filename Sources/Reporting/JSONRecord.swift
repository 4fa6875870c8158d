// What the program writes for others to read (metrics.jsonl, results.json): each record lists its
// keys once, and the list serves the writer and the reader.

import Storage

/// A record whose keys are its properties.
package protocol JSONRecord: Sendable, Equatable {
  /// The keys, in the order in which they are written.
  static var fields: [JSONField<Self>] { get }
  /// A record without values.
  init()
}

/// A key of a record.
package struct JSONField<Record>: Sendable {
  let write: @Sendable (Record, inout JSONObject) -> Void
  /// Returns false if the object does not hold what is wanted.
  let read: @Sendable (JSONObject, inout Record) -> Bool

  /// A key that is always written.
  /// - Parameter isRequired: whether an object without the key is refused.
  package init<Value: JSONConvertible>(
    _ key: String, _ property: WritableKeyPath<Record, Value> & Sendable, isRequired: Bool = true
  ) {
    write = { $1[key] = $0[keyPath: property].json }
    read = { object, record in
      guard let json = object[key] else { return !isRequired }
      guard let value = Value(json: json) else { return false }
      record[keyPath: property] = value
      return true
    }
  }

  /// A key that is left out if there is no value.
  package init<Value: JSONConvertible>(
    ifPresent key: String, _ property: WritableKeyPath<Record, Value?> & Sendable
  ) {
    write = { record, object in
      if let value = record[keyPath: property] { object[key] = value.json }
    }
    read = { object, record in
      record[keyPath: property] = object[key].flatMap { Value(json: $0) }
      return true
    }
  }

  /// Keys that depend on the record.
  init(
    write: @escaping @Sendable (Record, inout JSONObject) -> Void,
    read: @escaping @Sendable (JSONObject, inout Record) -> Bool
  ) {
    self.write = write
    self.read = read
  }
}

extension JSONRecord {
  /// A record whose values `fill` sets.
  package init(_ fill: (inout Self) -> Void) {
    self.init()
    fill(&self)
  }

  /// The record as JSON.
  package var object: JSONObject {
    Self.fields.reduce(into: JSONObject()) { $1.write(self, &$0) }
  }

  /// Reads a record; nil if a key is missing or of another kind.
  package init?(_ object: JSONObject) {
    self.init()
    for field in Self.fields {
      guard field.read(object, &self) else { return nil }
    }
  }
}

/// A value of a record.
package protocol JSONConvertible: Sendable {
  /// The value as JSON.
  var json: JSONValue { get }
  /// nil if the JSON is of another kind.
  init?(json: JSONValue)
}

extension JSONRecord where Self: JSONConvertible {
  package var json: JSONValue { .object(object) }
  package init?(json: JSONValue) {
    guard let object = json.object else { return nil }
    self.init(object)
  }
}

extension JSONConvertible where Self: RawRepresentable<String> {
  package var json: JSONValue { .string(rawValue) }
  package init?(json: JSONValue) { self.init(rawValue: json.string ?? "") }
}

extension Int: JSONConvertible {
  package var json: JSONValue { .integer(self) }
  package init?(json: JSONValue) {
    guard let value = json.integer else { return nil }
    self = value
  }
}

extension Double: JSONConvertible {
  package var json: JSONValue { .double(self) }
  package init?(json: JSONValue) {
    guard let value = json.number else { return nil }
    self = value
  }
}

extension Bool: JSONConvertible {
  package var json: JSONValue { .bool(self) }
  package init?(json: JSONValue) {
    guard let value = json.bool else { return nil }
    self = value
  }
}

extension String: JSONConvertible {
  package var json: JSONValue { .string(self) }
  package init?(json: JSONValue) {
    guard let value = json.string else { return nil }
    self = value
  }
}

extension JSONObject: JSONConvertible {
  package var json: JSONValue { .object(self) }
  package init?(json: JSONValue) {
    guard let value = json.object else { return nil }
    self = value
  }
}

extension Optional: JSONConvertible where Wrapped: JSONConvertible {
  package var json: JSONValue { self?.json ?? .null }
  package init?(json: JSONValue) {
    if case .null = json {
      self = Wrapped?.none
    } else if let value = Wrapped(json: json) {
      self = value
    } else {
      return nil
    }
  }
}

extension Array: JSONConvertible where Element: JSONConvertible {
  package var json: JSONValue { .array(map(\.json)) }
  package init?(json: JSONValue) {
    guard let values = json.array else { return nil }
    self = values.compactMap { Element(json: $0) }
    guard count == values.count else { return nil }
  }
}
