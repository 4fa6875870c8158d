/// Reads one JSON value that fills the whole of its bytes.
struct JSONReader {
  private let bytes: [UInt8]
  private var position = 0
  private var depth = 0
  /// Deeper nesting than any tokenizer file has, well before the stack ends.
  private static let deepest = 256

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Throws `JSONError`.
  static func read(_ bytes: [UInt8]) throws -> JSONValue {
    var reader = JSONReader(bytes)
    let value = try reader.value()
    reader.skipSpace()
    guard reader.position == bytes.count else { throw reader.error("something follows the end") }
    return value
  }

  private func error(_ problem: String) -> JSONError {
    let line = bytes.prefix(position).count { $0 == 0x0A } + 1
    return JSONError(line: line, problem: problem)
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
  }

  private mutating func take(_ character: Character) -> Bool {
    skipSpace()
    guard next == character.asciiValue else { return false }
    position += 1
    return true
  }

  private mutating func value() throws -> JSONValue {
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try nested { try $0.object() }
    case UInt8(ascii: "["): return try nested { try $0.array() }
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case nil: throw error("ends too early")
    default: return .number(try number())
    }
  }

  private mutating func nested(
    _ read: (inout JSONReader) throws -> JSONValue
  ) throws -> JSONValue {
    guard depth < Self.deepest else { throw error("nested too deeply") }
    depth += 1
    defer { depth -= 1 }
    position += 1
    return try read(&self)
  }

  private mutating func object() throws -> JSONValue {
    var members: [JSONValue.Member] = []
    if take("}") { return .object(members) }
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw error("a member's name is missing") }
      let name = try string()
      guard take(":") else { throw error("a colon is missing") }
      members.append(JSONValue.Member(name: name, value: try value()))
    } while take(",")
    guard take("}") else { throw error("an object does not end") }
    return .object(members)
  }

  private mutating func array() throws -> JSONValue {
    var elements: [JSONValue] = []
    if take("]") { return .array(elements) }
    repeat { elements.append(try value()) } while take(",")
    guard take("]") else { throw error("an array does not end") }
    return .array(elements)
  }

  private mutating func word(_ word: String, _ value: JSONValue) throws -> JSONValue {
    guard bytes[position...].starts(with: word.utf8) else { throw error("unknown word") }
    position += word.utf8.count
    return value
  }

  private mutating func number() throws -> Double {
    let start = position
    while let byte = next, "+-.eE0123456789".utf8.contains(byte) { position += 1 }
    let digits = String(decoding: bytes[start..<position], as: UTF8.self)
    guard let value = Double(digits), value.isFinite else { throw error("not a JSON value") }
    return value
  }

  private mutating func string() throws -> [UInt8] {
    position += 1
    var result: [UInt8] = []
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return result
      case UInt8(ascii: "\\"): try escape(into: &result)
      case 0..<0x20: throw error("a control character in a string")
      default: result.append(byte)
      }
    }
    throw error("a string does not end")
  }

  private mutating func escape(into result: inout [UInt8]) throws {
    guard let byte = next else { throw error("a string does not end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(byte)
    case UInt8(ascii: "b"): result.append(0x08)
    case UInt8(ascii: "f"): result.append(0x0C)
    case UInt8(ascii: "n"): result.append(0x0A)
    case UInt8(ascii: "r"): result.append(0x0D)
    case UInt8(ascii: "t"): result.append(0x09)
    case UInt8(ascii: "u"): result.appendScalar(try escapedScalar())
    default: throw error("unknown escape")
    }
  }

  /// The scalar of `\uXXXX`, or of a surrogate pair of them; U+FFFD for half a pair.
  private mutating func escapedScalar() throws -> UInt32 {
    let first = try hexDigits()
    guard 0xD800...0xDFFF ~= first else { return first }
    guard first < 0xDC00, bytes[position...].starts(with: "\\u".utf8) else {
      return replacementCharacter
    }
    let back = position
    position += 2
    let second = try hexDigits()
    guard 0xDC00...0xDFFF ~= second else {
      position = back
      return replacementCharacter
    }
    return 0x10000 + (first & 0x3FF) << 10 + second & 0x3FF
  }

  private mutating func hexDigits() throws -> UInt32 {
    let digits = bytes[position...].prefix(4)
    guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw error("\\u needs four hexadecimal digits") }
    position += 4
    return value
  }
}
