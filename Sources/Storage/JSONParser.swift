// From JSON text to values. What the scanner does not check is checked here: repeated names, valid
// UTF-8, bounded nesting.

extension JSONValue {
  /// Nesting beyond this is refused, so that hostile input cannot exhaust the stack.
  public static let maximumDepth = 128

  /// Reads one value. A number too large for 64 bits becomes a double. Throws `JSONError`.
  public init(parsing text: String) throws(JSONError) {
    try self.init(parsing: Array(text.utf8))
  }

  /// Reads one value from UTF-8, with or without a byte order mark. Throws `JSONError`.
  public init(parsing bytes: [UInt8]) throws(JSONError) {
    try self.init(parsing: bytes[...])
  }

  /// Reads one value from UTF-8; lines and columns of errors count from the slice's beginning.
  /// Throws `JSONError`.
  /// - Parameter allowsNaN: whether NaN, which JSON lacks and Python writes, is read as null.
  public init(parsing bytes: ArraySlice<UInt8>, allowsNaN: Bool = false) throws(JSONError) {
    var parser = JSONParser(allowsNaN: allowsNaN)
    self = try parser.document(bytes.span)
  }
}

private struct JSONParser {
  private var scanner: JSONScanner
  private var buffer: [UInt8] = []

  init(allowsNaN: Bool) {
    scanner = JSONScanner(allowsNaN: allowsNaN)
  }

  mutating func document(_ bytes: Span<UInt8>) throws(JSONError) -> JSONValue {
    let all = 0..<bytes.count
    do throws(UTF8.ValidationError) { _ = try UTF8Span(validating: bytes) } catch {
      throw JSONError("not UTF-8", at: error.byteOffsets.lowerBound, of: all, in: bytes)
    }
    let hasMark = bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF
    scanner.begin(hasMark ? 3..<bytes.count : all)
    guard scanner.peek(in: bytes) != nil else {
      throw scanner.error("nothing but space where a JSON value is wanted", in: bytes)
    }
    let value = try value(depth: 0, in: bytes)
    try scanner.expectEnd(in: bytes)
    return value
  }

  private mutating func value(
    depth: Int, in bytes: Span<UInt8>
  ) throws(JSONError) -> JSONValue {
    switch scanner.peek(in: bytes) {
    case UInt8(ascii: "{"): return .object(try object(depth: depth + 1, in: bytes))
    case UInt8(ascii: "["): return .array(try array(depth: depth + 1, in: bytes))
    case UInt8(ascii: "\""): return .string(try string(in: bytes))
    default: break
    }
    switch try scanner.scalar(in: bytes) {
    case .null: return .null
    case .bool(let value): return .bool(value)
    case .number(let range, let isIntegral):
      return try number(range, isIntegral: isIntegral, in: bytes)
    }
  }

  private func number(
    _ range: Range<Int>, isIntegral: Bool, in bytes: Span<UInt8>
  ) throws(JSONError) -> JSONValue {
    let text = String(decoding: range.map { bytes[$0] }, as: UTF8.self)
    if isIntegral, let integer = Int(text) { return .integer(integer) }
    guard let double = Double(text), double.isFinite else {
      throw scanner.error(
        "the number \(excerpt(text)) is too large", at: range.lowerBound, in: bytes)
    }
    return .double(double)
  }

  private mutating func string(in bytes: Span<UInt8>) throws(JSONError) -> String {
    try scanner.string(into: &buffer, in: bytes)
    return String(decoding: buffer, as: UTF8.self)
  }

  private func enter(depth: Int, in bytes: Span<UInt8>) throws(JSONError) {
    guard depth <= JSONValue.maximumDepth else {
      throw scanner.error("nested more than \(JSONValue.maximumDepth) deep", in: bytes)
    }
  }

  private mutating func object(
    depth: Int, in bytes: Span<UInt8>
  ) throws(JSONError) -> JSONObject {
    try enter(depth: depth, in: bytes)
    var members = JSONObject()
    try scanner.expect(UInt8(ascii: "{"), in: bytes)
    if scanner.take(UInt8(ascii: "}"), in: bytes) { return members }
    repeat {
      _ = scanner.peek(in: bytes)
      let place = scanner.position
      let key = try string(in: bytes)
      guard scanner.take(UInt8(ascii: ":"), in: bytes) else {
        throw scanner.wanted("\":\"", after: "the name \(excerpt(key))", in: bytes)
      }
      guard members.append(key, try value(depth: depth, in: bytes)) else {
        throw scanner.error("the name \(excerpt(key)) is given twice", at: place, in: bytes)
      }
    } while try scanner.continues(until: UInt8(ascii: "}"), in: bytes)
    return members
  }

  private mutating func array(
    depth: Int, in bytes: Span<UInt8>
  ) throws(JSONError) -> [JSONValue] {
    try enter(depth: depth, in: bytes)
    var elements: [JSONValue] = []
    try scanner.expect(UInt8(ascii: "["), in: bytes)
    if scanner.take(UInt8(ascii: "]"), in: bytes) { return elements }
    repeat {
      elements.append(try value(depth: depth, in: bytes))
    } while try scanner.continues(until: UInt8(ascii: "]"), in: bytes)
    return elements
  }
}
