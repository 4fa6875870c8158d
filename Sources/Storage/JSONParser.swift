// A strict reader of JSON (RFC 8259): no comments, no trailing commas, no NaN literals, no repeated
// names, valid UTF-8, bounded nesting. What it refuses it names with line and column.

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
  public init(parsing bytes: ArraySlice<UInt8>) throws(JSONError) {
    var parser = JSONParser(bytes: bytes)
    self = try parser.document()
  }
}

private struct JSONParser {
  let bytes: ArraySlice<UInt8>
  var position: Int

  init(bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    let hasMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
    position = bytes.startIndex + (hasMark ? 3 : 0)
  }

  /// The byte at the position, or 0, which no JSON holds outside of errors, at the end.
  var current: UInt8 { position < bytes.endIndex ? bytes[position] : 0 }
  var isAtEnd: Bool { position >= bytes.endIndex }

  func error(_ problem: String, at place: Int? = nil) -> JSONError {
    JSONError(problem, at: place ?? position, of: bytes)
  }

  /// What is found at the position, for messages.
  var found: String {
    guard !isAtEnd else { return "the end of the text" }
    guard current > 0x20, current < 0x7F else {
      return current < 0x80 ? "the character code \(current)" : "a character outside of strings"
    }
    return "\"\(Character(Unicode.Scalar(current)))\""
  }

  mutating func skipSpace() {
    while current == 0x20 || current == 0x0A || current == 0x0D || current == 0x09 { position += 1 }
  }

  mutating func document() throws(JSONError) -> JSONValue {
    skipSpace()
    guard !isAtEnd else { throw error("nothing but space where a JSON value is wanted") }
    let value = try value(depth: 0)
    skipSpace()
    guard isAtEnd else { throw error("found \(found) after the end of the value") }
    return value
  }

  mutating func value(depth: Int) throws(JSONError) -> JSONValue {
    switch current {
    case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
    case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default:
      if take("true") { return .bool(true) }
      if take("false") { return .bool(false) }
      if take("null") { return .null }
      throw error("found \(found) where a value is wanted")
    }
  }

  mutating func take(_ word: StaticString) -> Bool {
    let word = "\(word)".utf8
    guard bytes[position...].starts(with: word) else { return false }
    position += word.count
    return true
  }

  mutating func enter(depth: Int) throws(JSONError) {
    guard depth <= JSONValue.maximumDepth else {
      throw error("nested more than \(JSONValue.maximumDepth) deep")
    }
    position += 1
    skipSpace()
  }

  mutating func object(depth: Int) throws(JSONError) -> JSONObject {
    try enter(depth: depth)
    var members = JSONObject()
    if current == UInt8(ascii: "}") {
      position += 1
      return members
    }
    while true {
      let place = position
      guard current == UInt8(ascii: "\"") else {
        throw error("found \(found) where a name in double quotes is wanted")
      }
      let key = try string()
      skipSpace()
      guard current == UInt8(ascii: ":") else {
        throw error("found \(found) where \":\" is wanted after the name \(excerpt(key))")
      }
      position += 1
      skipSpace()
      guard members.append(key, try value(depth: depth)) else {
        throw error("the name \(excerpt(key)) is given twice", at: place)
      }
      if try endsList(with: UInt8(ascii: "}")) { return members }
    }
  }

  mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
    try enter(depth: depth)
    var elements: [JSONValue] = []
    if current == UInt8(ascii: "]") {
      position += 1
      return elements
    }
    while true {
      elements.append(try value(depth: depth))
      if try endsList(with: UInt8(ascii: "]")) { return elements }
    }
  }

  /// Passes over the comma before the next element, or over the closing bracket.
  mutating func endsList(with closing: UInt8) throws(JSONError) -> Bool {
    skipSpace()
    let last = current
    guard last == closing || last == UInt8(ascii: ",") else {
      throw error(
        "found \(found) where \",\" or \"\(Character(Unicode.Scalar(closing)))\" is wanted")
    }
    position += 1
    guard last != closing else { return true }
    skipSpace()
    return false
  }
}

extension JSONParser {
  fileprivate mutating func number() throws(JSONError) -> JSONValue {
    let start = position
    if current == UInt8(ascii: "-") { position += 1 }
    let leading = position
    try digits()
    guard position - leading == 1 || bytes[leading] != UInt8(ascii: "0") else {
      throw error("a number must not begin with 0", at: start)
    }
    var isIntegral = true
    if current == UInt8(ascii: ".") {
      isIntegral = false
      position += 1
      try digits()
    }
    if current | 0x20 == UInt8(ascii: "e") {
      isIntegral = false
      position += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
      try digits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isIntegral, let integer = Int(text) { return .integer(integer) }
    guard let double = Double(text), double.isFinite else {
      throw error("the number \(excerpt(text)) is too large", at: start)
    }
    return .double(double)
  }

  private mutating func digits() throws(JSONError) {
    let start = position
    while current >= UInt8(ascii: "0"), current <= UInt8(ascii: "9") { position += 1 }
    guard position > start else { throw error("found \(found) where a digit is wanted") }
  }

  fileprivate mutating func string() throws(JSONError) -> String {
    let opening = position
    position += 1
    var text = ""
    while true {
      let start = position
      while !isAtEnd, current != UInt8(ascii: "\""), current != UInt8(ascii: "\\"),
        current >= 0x20
      {
        position += 1
      }
      guard let piece = String(validating: bytes[start..<position], as: UTF8.self) else {
        throw error("the string that begins here is not UTF-8", at: opening)
      }
      text = text.isEmpty ? piece : text + piece
      guard !isAtEnd else { throw error("the string that begins here has no end", at: opening) }
      switch current {
      case UInt8(ascii: "\""):
        position += 1
        return text
      case UInt8(ascii: "\\"): text.unicodeScalars.append(try escape())
      default: throw error("\(found) must be escaped in a string")
      }
    }
  }

  private mutating func escape() throws(JSONError) -> Unicode.Scalar {
    let start = position
    position += 2
    guard position <= bytes.endIndex else { throw error("the escape is cut off", at: start) }
    switch bytes[position - 1] {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{08}"
    case UInt8(ascii: "f"): return "\u{0C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try unicodeEscape(from: start)
    default: throw error("an unknown escape", at: start)
    }
  }

  private mutating func unicodeEscape(from start: Int) throws(JSONError) -> Unicode.Scalar {
    let first = try codeUnit()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, take("\\u") else { throw error("half of a surrogate pair", at: start) }
    let second = try codeUnit()
    guard second >= 0xDC00, second < 0xE000,
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else { throw error("half of a surrogate pair", at: start) }
    return scalar
  }

  private mutating func codeUnit() throws(JSONError) -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(current)).hexDigitValue else {
        throw error("found \(found) where a hexadecimal digit is wanted")
      }
      unit = unit << 4 | UInt32(digit)
      position += 1
    }
    return unit
  }
}
