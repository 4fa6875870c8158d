/// A cursor over one JSON text. Every method passes over white space before what it reads.
struct JSONScanner {
  private(set) var position = 0
  private var start = 0
  private var end = 0
  /// The closing brackets still to come in `skipValue`: nesting takes a byte a level, no calls.
  private var closers: [UInt8] = []

  mutating func begin(_ range: Range<Int>) {
    start = range.lowerBound
    position = range.lowerBound
    end = range.upperBound
  }

  /// The next byte that is not white space; nil at the end.
  mutating func peek(in bytes: Span<UInt8>) -> UInt8? {
    while position < end {
      let byte = bytes[position]
      if !byte.isBlank { return byte }
      position += 1
    }
    return nil
  }

  mutating func expect(_ byte: UInt8, in bytes: Span<UInt8>) throws(RowProblem) {
    guard peek(in: bytes) == byte else { throw wanted("“\(excerpt([byte]))”", in: bytes) }
    position += 1
  }

  mutating func expectEnd(in bytes: Span<UInt8>) throws(RowProblem) {
    guard peek(in: bytes) == nil else { throw wanted("the end of the line", in: bytes) }
  }

  /// Whether `closer` comes next; if so it is passed over.
  mutating func closes(with closer: UInt8, in bytes: Span<UInt8>) throws(RowProblem) -> Bool {
    guard peek(in: bytes) == closer else { return false }
    position += 1
    return true
  }

  /// Passes over a comma (true: another member follows) or over `closer` (false).
  mutating func continues(until closer: UInt8, in bytes: Span<UInt8>) throws(RowProblem) -> Bool {
    let byte = peek(in: bytes)
    guard byte == .comma || byte == closer else {
      throw wanted("“,” or “\(excerpt([closer]))”", in: bytes)
    }
    position += 1
    return byte == .comma
  }

  /// Passes over one value of any kind, checking it.
  mutating func skipValue(in bytes: Span<UInt8>) throws(RowProblem) {
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

  /// Reads a value's beginning: true where it opened an array or object with members, false where
  /// the value is complete.
  private mutating func opens(in bytes: Span<UInt8>) throws(RowProblem) -> Bool {
    switch peek(in: bytes) {
    case UInt8(ascii: "{"):
      position += 1
      if try closes(with: UInt8(ascii: "}"), in: bytes) { return false }
      closers.append(UInt8(ascii: "}"))
      try skipKey(in: bytes)
      return true
    case UInt8(ascii: "["):
      position += 1
      if try closes(with: UInt8(ascii: "]"), in: bytes) { return false }
      closers.append(UInt8(ascii: "]"))
      return true
    case .quote: try skipString(in: bytes)
    case UInt8(ascii: "t"): try skipWord("true", in: bytes)
    case UInt8(ascii: "f"): try skipWord("false", in: bytes)
    case UInt8(ascii: "n"): try skipWord("null", in: bytes)
    default: try skipNumber(in: bytes)
    }
    return false
  }

  private mutating func skipKey(in bytes: Span<UInt8>) throws(RowProblem) {
    try skipString(in: bytes)
    try expect(UInt8(ascii: ":"), in: bytes)
  }

  private mutating func skipWord(_ word: StaticString, in bytes: Span<UInt8>) throws(RowProblem) {
    for expected in word.description.utf8 {
      guard position < end, bytes[position] == expected else { throw wanted("a value", in: bytes) }
      position += 1
    }
  }

  private mutating func skipNumber(in bytes: Span<UInt8>) throws(RowProblem) {
    let first = position
    if position < end, bytes[position] == UInt8(ascii: "-") { position += 1 }
    let hasLeadingZero = position < end && bytes[position] == UInt8(ascii: "0")
    let digits = skipDigits(in: bytes)
    guard digits == 1 || digits > 1 && !hasLeadingZero else {
      position = first
      throw wanted("a value", in: bytes)
    }
    if position < end, bytes[position] == UInt8(ascii: ".") {
      position += 1
      guard skipDigits(in: bytes) > 0 else { throw wanted("a digit", in: bytes) }
    }
    guard position < end, bytes[position] | 0x20 == UInt8(ascii: "e") else { return }
    position += 1
    if position < end, bytes[position] == UInt8(ascii: "-") || bytes[position] == UInt8(ascii: "+")
    {
      position += 1
    }
    guard skipDigits(in: bytes) > 0 else { throw wanted("a digit", in: bytes) }
  }

  private mutating func skipDigits(in bytes: Span<UInt8>) -> Int {
    let first = position
    while position < end, bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
    return position - first
  }

  /// The error at the present place.
  func wanted(_ what: String, in bytes: Span<UInt8>) -> RowProblem {
    guard position < end else { return RowProblem("not JSON: the line ends before \(what)") }
    return RowProblem("not JSON: expected \(what) at column \(position - start + 1)")
  }
}

extension JSONScanner {
  /// Reads a string, its escapes resolved, into `buffer`. The bytes are known to be UTF-8.
  mutating func string(into buffer: inout [UInt8], in bytes: Span<UInt8>) throws(RowProblem) {
    buffer.removeAll(keepingCapacity: true)
    guard peek(in: bytes) == .quote else { throw wanted("a string", in: bytes) }
    position += 1
    while position < end {
      let byte = bytes[position]
      if byte == .quote {
        position += 1
        return
      }
      if byte == .backslash {
        try escape(into: &buffer, in: bytes)
      } else {
        guard byte >= 0x20 else { throw controlCharacter() }
        buffer.append(byte)
        position += 1
      }
    }
    throw wanted("the string's closing quote", in: bytes)
  }

  private mutating func skipString(in bytes: Span<UInt8>) throws(RowProblem) {
    guard peek(in: bytes) == .quote else { throw wanted("a string", in: bytes) }
    position += 1
    var ignored: [UInt8] = []
    while position < end {
      let byte = bytes[position]
      if byte == .backslash {
        try escape(into: &ignored, in: bytes)
        continue
      }
      guard byte >= 0x20 else { throw controlCharacter() }
      position += 1
      if byte == .quote { return }
    }
    throw wanted("the string's closing quote", in: bytes)
  }

  private func controlCharacter() -> RowProblem {
    RowProblem("not JSON: a control character inside a string at column \(position - start + 1)")
  }

  private mutating func escape(into buffer: inout [UInt8], in bytes: Span<UInt8>)
    throws(RowProblem)
  {
    guard position + 1 < end else { throw wanted("the escape's end", in: bytes) }
    let byte = bytes[position + 1]
    let plain: UInt8
    switch byte {
    case .quote, .backslash, UInt8(ascii: "/"): plain = byte
    case UInt8(ascii: "n"): plain = .lineFeed
    case UInt8(ascii: "t"): plain = .tab
    case UInt8(ascii: "r"): plain = .carriageReturn
    case UInt8(ascii: "b"): plain = 0x08
    case UInt8(ascii: "f"): plain = 0x0C
    case UInt8(ascii: "u"):
      try unicodeEscape(into: &buffer, in: bytes)
      return
    default: throw wanted("an escape that JSON knows", in: bytes)
    }
    position += 2
    buffer.append(plain)
  }

  private mutating func unicodeEscape(into buffer: inout [UInt8], in bytes: Span<UInt8>)
    throws(RowProblem)
  {
    var value = try codeUnit(in: bytes)
    if value & 0xFC00 == 0xD800, position + 1 < end, bytes[position] == .backslash,
      bytes[position + 1] == UInt8(ascii: "u")
    {
      let low = try codeUnit(in: bytes)
      guard low & 0xFC00 == 0xDC00 else { throw loneSurrogate() }
      value = 0x10000 + (value & 0x3FF) << 10 + low & 0x3FF
    }
    guard let scalar = Unicode.Scalar(value) else { throw loneSurrogate() }
    buffer.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
  }

  private func loneSurrogate() -> RowProblem {
    RowProblem("half a surrogate pair before column \(position - start + 1)")
  }

  /// Reads `\uXXXX`.
  private mutating func codeUnit(in bytes: Span<UInt8>) throws(RowProblem) -> UInt32 {
    var value: UInt32 = 0
    for offset in 2..<6 {
      guard position + offset < end,
        let digit = Character(Unicode.Scalar(bytes[position + offset])).hexDigitValue
      else { throw wanted("four hexadecimal digits after \\u", in: bytes) }
      value = value << 4 | UInt32(digit)
    }
    position += 6
    return value
  }
}
