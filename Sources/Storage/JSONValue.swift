// The JSON that the program reads and writes: configurations, manifests, metrics, Hugging Face
// files. Objects keep their order, integers are exact, doubles survive a round trip. Reading is in
// JSONParser.swift, writing in JSONValue+Text.swift.

/// A JSON value (RFC 8259).
public enum JSONValue: Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number written without fraction and exponent that fits 64 bits.
  case integer(Int)
  /// Any other number. Infinities and NaN, which JSON lacks, are written as the strings
  /// "Infinity", "-Infinity" and "NaN"; `number` reads these back.
  case double(Double)
  /// A string of Unicode scalars; compared scalar by scalar, not by canonical equivalence.
  case string(String)
  /// An array.
  case array([JSONValue])
  /// An object, its members in order.
  case object(JSONObject)
}

extension JSONValue {
  /// The value of `true` or `false`; nil for anything else, numbers included.
  public var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The value of an integer; nil for anything else, a double with an integral value included.
  public var integer: Int? {
    if case .integer(let value) = self { value } else { nil }
  }

  /// The value of any number, and of the strings that stand for "Infinity", "-Infinity" and "NaN".
  public var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .double(let value): value
    case .string("NaN"): .nan
    case .string("Infinity"): .infinity
    case .string("-Infinity"): -.infinity
    default: nil
    }
  }

  /// The text of a string; nil for anything else.
  public var string: String? {
    if case .string(let value) = self { value } else { nil }
  }

  /// The elements of an array; nil for anything else.
  public var array: [JSONValue]? {
    if case .array(let value) = self { value } else { nil }
  }

  /// The members of an object; nil for anything else.
  public var object: JSONObject? {
    if case .object(let value) = self { value } else { nil }
  }

  /// What kind of value this is, with its article, for messages: "an integer", "a string", ….
  public var kind: String {
    switch self {
    case .null: "null"
    case .bool: "true or false"
    case .integer: "an integer"
    case .double: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }

  /// The member `key` of an object; nil if there is none or this is not an object.
  public subscript(key: String) -> JSONValue? {
    object?[key]
  }
}

extension JSONValue: Equatable {
  /// Whether both are the same JSON: objects whatever the order of their members, strings scalar
  /// by scalar, an integer never equal to a double, NaN equal to itself.
  public static func == (left: JSONValue, right: JSONValue) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let left), .bool(let right)): left == right
    case (.integer(let left), .integer(let right)): left == right
    case (.double(let left), .double(let right)): left == right || (left.isNaN && right.isNaN)
    case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
    case (.array(let left), .array(let right)): left == right
    case (.object(let left), .object(let right)): left == right
    default: false
    }
  }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringInterpolation,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// `null`.
  public init(nilLiteral: ()) { self = .null }
  /// `true` or `false`.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// An integer.
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// A double.
  public init(floatLiteral value: Double) { self = .double(value) }
  /// A string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// An array of the elements.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  /// An object of the members, in order. A name given twice is a fault of the program.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(JSONObject(elements))
  }
}
