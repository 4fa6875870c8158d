// The strict reading of JSON (RFC 8259) that `JSONValue` and the rows of data files are made by: no
// comments, no trailing commas, no NaN literals. What is refused is named with line and column.

/// A cursor over one JSON text, whose bytes are known to be UTF-8. Every method passes over white
/// space before what it reads, and reads in the bytes of the last `begin`.
public struct JSONScanner: Sendable {
  /// The byte that is read next.
  public private(set) var position = 0
  private var range = 0..<0
  /// The closing brackets still to come in `skipValue`: nesting takes a byte a level, no calls.
  private var closers: [UInt8] = []

  /// Whether NaN and infinities, which JSON lacks and Python writes, are read: NaN as null.
  private let allowsNaN: Bool

  /// A scanner of nothing.
  public init(allowsNaN: Bool = false) {
    self.allowsNaN = allowsNaN
  }

  /// Goes to the beginning of the text in `range` of some bytes. Places in errors count from there.
  public mutating func begin(_ range: Range<Int>) {
    self.range = range
    position = range.lowerBound
  }

  /// The next byte that is not white space; nil at the end.
  public mutating func peek(in bytes: Span<UInt8>) -> UInt8? {
    while position < range.upperBound {
      let byte = bytes[position]
      if byte != 0x20, byte != 0x0A, byte != 0x0D, byte != 0x09 { return byte }
      position += 1
    }
    return nil
  }

  /// Whether `byte` comes next; if so it is passed over.
  public mutating func take(_ byte: UInt8, in bytes: Span<UInt8>) -> Bool {
    guard peek(in: bytes) == byte else { return false }
    position += 1
    return true
  }

  /// Passes over `byte`. Throws `JSONError`.
  public mutating func expect(_ byte: UInt8, in bytes: Span<UInt8>) throws(JSONError) {
    guard take(byte, in: bytes) else { throw wanted("\"\(Self.character(byte))\"", in: bytes) }
  }

  /// Throws `JSONError` unless nothing follows.
  public mutating func expectEnd(in bytes: Span<UInt8>) throws(JSONError) {
    guard peek(in: bytes) == nil else {
      throw error("found \(found(in: bytes)) after the end of the value", in: bytes)
    }
  }

  /// Passes over a comma (true: another element follows) or over `closer` (false). Throws
  /// `JSONError`.
  public mutating func continues(
    until closer: UInt8, in bytes: Span<UInt8>
  ) throws(JSONError) -> Bool {
    let byte = peek(in: bytes)
    guard byte == UInt8(ascii: ",") || byte == closer else {
      throw wanted("\",\" or \"\(Self.character(closer))\"", in: bytes)
    }
    position += 1
    return byte != closer
  }

  /// Passes over one value of any kind, checking it. Throws `JSONError`.
  public mutating func skipValue(in bytes: Span<UInt8>) throws(JSONError) {
    closers.removeAll(keepingCapacity: true)
    repeat {
      if try opens(in: bytes) { continue }
      while let closer = closers.last {
        if try continues(until: closer, in: bytes) {
          if closer == UInt8(ascii: "}") { try skipKey(in: bytes) }
          break
        }
        closers.removeLast()
      }
    } while !closers.isEmpty
  }

  /// Reads a value's beginning: true if it opened an array or object with members, false if
  /// the value is complete.
  private mutating func opens(in bytes: Span<UInt8>) throws(JSONError) -> Bool {
    switch peek(in: bytes) {
    case UInt8(ascii: "{"):
      position += 1
      if take(UInt8(ascii: "}"), in: bytes) { return false }
      closers.append(UInt8(ascii: "}"))
      try skipKey(in: bytes)
      return true
    case UInt8(ascii: "["):
      position += 1
      if take(UInt8(ascii: "]"), in: bytes) { return false }
      closers.append(UInt8(ascii: "]"))
      return true
    case UInt8(ascii: "\""): try skipString(in: bytes)
    default: _ = try scalar(in: bytes)
    }
    return false
  }

  private mutating func skipKey(in bytes: Span<UInt8>) throws(JSONError) {
    try skipString(in: bytes)
    try expect(UInt8(ascii: ":"), in: bytes)
  }
}

/// A value without parts, other than a string.
public enum JSONScalar: Equatable, Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number: where it stands, and whether it has neither fraction nor exponent.
  case number(Range<Int>, isIntegral: Bool)
}

extension JSONScanner {
  /// Reads a number, `true`, `false` or `null`. Throws `JSONError`.
  public mutating func scalar(in bytes: Span<UInt8>) throws(JSONError) -> JSONScalar {
    switch peek(in: bytes) {
    case UInt8(ascii: "-"), .some(UInt8(ascii: "0")...UInt8(ascii: "9")):
      return try number(in: bytes)
    case UInt8(ascii: "t") where skip("true", in: bytes): return .bool(true)
    case UInt8(ascii: "f") where skip("false", in: bytes): return .bool(false)
    case UInt8(ascii: "n") where skip("null", in: bytes): return .null
    case UInt8(ascii: "N") where allowsNaN && skip("NaN", in: bytes): return .null
    case UInt8(ascii: "I") where allowsNaN && skip("Infinity", in: bytes):
      return .number(position - 8..<position, isIntegral: false)
    default: throw wanted("a value", in: bytes)
    }
  }

  private mutating func skip(_ word: StaticString, in bytes: Span<UInt8>) -> Bool {
    let word = word.description.utf8
    guard range.upperBound - position >= word.count else { return false }
    for (offset, byte) in word.enumerated() where bytes[position + offset] != byte { return false }
    position += word.count
    return true
  }

  private mutating func number(in bytes: Span<UInt8>) throws(JSONError) -> JSONScalar {
    let start = position
    if current(in: bytes) == UInt8(ascii: "-") { position += 1 }
    if allowsNaN, skip("Infinity", in: bytes) {
      return .number(start..<position, isIntegral: false)
    }
    let leading = position
    try digits(in: bytes)
    guard position - leading == 1 || bytes[leading] != UInt8(ascii: "0") else {
      throw error("a number must not begin with 0", at: start, in: bytes)
    }
    let whole = position
    if current(in: bytes) == UInt8(ascii: ".") {
      position += 1
      try digits(in: bytes)
    }
    if current(in: bytes) | 0x20 == UInt8(ascii: "e") {
      position += 1
      let sign = current(in: bytes)
      if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { position += 1 }
      try digits(in: bytes)
    }
    return .number(start..<position, isIntegral: position == whole)
  }

  private mutating func digits(in bytes: Span<UInt8>) throws(JSONError) {
    let start = position
    while current(in: bytes) &- UInt8(ascii: "0") < 10 { position += 1 }
    guard position > start else { throw wanted("a digit", in: bytes) }
  }

  /// The byte at the position, or 0, which no JSON holds outside of errors, at the end.
  private func current(in bytes: Span<UInt8>) -> UInt8 {
    position < range.upperBound ? bytes[position] : 0
  }
}

extension JSONScanner {
  /// Reads a string, its escapes resolved, into `buffer`, whose content goes. Throws `JSONError`.
  public mutating func string(
    into buffer: inout [UInt8], in bytes: Span<UInt8>
  ) throws(JSONError) {
    buffer.removeAll(keepingCapacity: true)
    let opening = try openString(in: bytes)
    while position < range.upperBound {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        position += 1
        return
      }
      if byte == UInt8(ascii: "\\") {
        try escape(into: &buffer, in: bytes)
      } else {
        guard byte >= 0x20 else { throw unescaped(in: bytes) }
        buffer.append(byte)
        position += 1
      }
    }
    throw error("the string that begins here has no end", at: opening, in: bytes)
  }

  private mutating func skipString(in bytes: Span<UInt8>) throws(JSONError) {
    let opening = try openString(in: bytes)
    var ignored: [UInt8] = []
    while position < range.upperBound {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\\") {
        try escape(into: &ignored, in: bytes)
        continue
      }
      guard byte >= 0x20 else { throw unescaped(in: bytes) }
      position += 1
      if byte == UInt8(ascii: "\"") { return }
    }
    throw error("the string that begins here has no end", at: opening, in: bytes)
  }

  /// Passes over the opening quote. Only names and values that begin with a quote are read as
  /// strings, so what lacks one is a name.
  private mutating func openString(in bytes: Span<UInt8>) throws(JSONError) -> Int {
    guard take(UInt8(ascii: "\""), in: bytes) else {
      throw wanted("a name in double quotes", in: bytes)
    }
    return position - 1
  }

  private func unescaped(in bytes: Span<UInt8>) -> JSONError {
    error("\(found(in: bytes)) must be escaped in a string", in: bytes)
  }

  private mutating func escape(
    into buffer: inout [UInt8], in bytes: Span<UInt8>
  ) throws(JSONError) {
    let start = position
    position += 2
    guard position <= range.upperBound else {
      throw error("the escape is cut off", at: start, in: bytes)
    }
    switch bytes[position - 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
      buffer.append(bytes[position - 1])
    case UInt8(ascii: "b"): buffer.append(0x08)
    case UInt8(ascii: "f"): buffer.append(0x0C)
    case UInt8(ascii: "n"): buffer.append(0x0A)
    case UInt8(ascii: "r"): buffer.append(0x0D)
    case UInt8(ascii: "t"): buffer.append(0x09)
    case UInt8(ascii: "u"):
      let scalar = try unicodeEscape(from: start, in: bytes)
      buffer.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    default: throw error("an unknown escape", at: start, in: bytes)
    }
  }

  /// Reads the digits of `\uXXXX` that begins at `start`, and of a second one after the first half
  /// of a surrogate pair.
  private mutating func unicodeEscape(
    from start: Int, in bytes: Span<UInt8>
  ) throws(JSONError) -> Unicode.Scalar {
    let first = try codeUnit(in: bytes)
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, skip("\\u", in: bytes) else {
      throw error("half of a surrogate pair", at: start, in: bytes)
    }
    let second = try codeUnit(in: bytes)
    guard second >= 0xDC00, second < 0xE000,
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else { throw error("half of a surrogate pair", at: start, in: bytes) }
    return scalar
  }

  private mutating func codeUnit(in bytes: Span<UInt8>) throws(JSONError) -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Self.character(current(in: bytes)).hexDigitValue else {
        throw wanted("a hexadecimal digit", in: bytes)
      }
      unit = unit << 4 | UInt32(digit)
      position += 1
    }
    return unit
  }
}

extension JSONScanner {
  /// An error at the present position, or at `place`.
  public func error(
    _ problem: String, at place: Int? = nil, in bytes: Span<UInt8>
  ) -> JSONError {
    JSONError(problem, at: place ?? position, of: range, in: bytes)
  }

  /// The error that something else is found at the position.
  /// - Parameter predecessor: what stands before it, if that helps.
  public func wanted(
    _ what: String, after predecessor: String? = nil, in bytes: Span<UInt8>
  ) -> JSONError {
    let place = predecessor.map { " after \($0)" } ?? ""
    return error("found \(found(in: bytes)) where \(what) is wanted\(place)", in: bytes)
  }

  /// What is found at the position, for messages.
  private func found(in bytes: Span<UInt8>) -> String {
    guard position < range.upperBound else { return "the end of the text" }
    let byte = bytes[position]
    guard byte > 0x20, byte < 0x7F else {
      return byte < 0x80 ? "the character code \(byte)" : "a character outside of strings"
    }
    return "\"\(Self.character(byte))\""
  }

  private static func character(_ byte: UInt8) -> Character { Character(Unicode.Scalar(byte)) }
}
