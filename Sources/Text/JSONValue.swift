// A reader of small JSON files (RFC 8259) that keeps what Foundation's loses: the order of an
// object's members, and members whose names are canonically equivalent but not equal.

/// A JSON value. Strings are UTF-8 bytes, since Swift's == on String is canonical equivalence.
enum JSONValue: Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case string([UInt8])
  case array([JSONValue])
  case object([Member])

  struct Member: Equatable {
    var name: [UInt8]
    var value: JSONValue
  }

  /// The last member of an object with this name; nil where there is none, or no object.
  subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.last { $0.name.elementsEqual(name.utf8) }?.value
  }

  /// The text of a string.
  var text: String? {
    guard case .string(let bytes) = self else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A number that is a token id.
  var tokenID: Int32? {
    guard case .number(let value) = self else { return nil }
    return Int32(exactly: value)
  }

  var members: [Member]? {
    guard case .object(let members) = self else { return nil }
    return members
  }

  var elements: [JSONValue]? {
    guard case .array(let elements) = self else { return nil }
    return elements
  }

  /// What the value is, for messages.
  var kind: String {
    switch self {
    case .null: return "null"
    case .bool: return "true or false"
    case .number: return "a number"
    case .string: return "a string"
    case .array: return "an array"
    case .object: return "an object"
    }
  }
}

/// Where and why a text is not JSON.
struct JSONError: Error {
  var line: Int
  var problem: String
}
