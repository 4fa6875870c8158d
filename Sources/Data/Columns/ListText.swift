// Lists that were written as text: what Python's `str`, `json.dumps` and NumPy make of a list in a
// cell.

/// The list in a cell.
enum ListText: Equatable {
  case names([[UInt8]])
  /// Numbers, and `True` and `False` as 1 and 0.
  case numbers([Double])

  /// An empty list is a list of names. Nil where the cell is no list in brackets: elements are
  /// quoted, or numbers, with commas between them, or as NumPy has it with blanks.
  init?(_ cell: some Collection<UInt8>) {
    var reader = ListReader(Array(cell))
    guard let list = reader.list() else { return nil }
    self = list
  }
}

private struct ListReader {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  mutating func list() -> ListText? {
    guard let closer = opened() else { return nil }
    var (names, numbers): ([[UInt8]], [Double]) = ([], [])
    skipBlanks()
    while let byte = peek, byte != closer {
      if byte == .quote || byte == UInt8(ascii: "'") {
        guard let name = quoted(byte) else { return nil }
        names.append(name)
      } else {
        guard let number = number() else { return nil }
        numbers.append(number)
      }
      guard separated(before: closer) else { return nil }
    }
    guard peek == closer else { return nil }
    position += 1
    skipBlanks()
    guard position == bytes.count, names.isEmpty || numbers.isEmpty else { return nil }
    return numbers.isEmpty ? .names(names) : .numbers(numbers)
  }

  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipBlanks() {
    while let byte = peek, byte.isBlank { position += 1 }
  }

  /// Passes over the opening bracket: of a list, a tuple or a set. Returns the closing one.
  private mutating func opened() -> UInt8? {
    skipBlanks()
    let closer: UInt8
    switch peek {
    case UInt8(ascii: "["): closer = UInt8(ascii: "]")
    case UInt8(ascii: "("): closer = UInt8(ascii: ")")
    case UInt8(ascii: "{"): closer = UInt8(ascii: "}")
    default: return nil
    }
    position += 1
    return closer
  }

  /// Passes over a comma or blanks; false where neither comes, nor the end.
  private mutating func separated(before closer: UInt8) -> Bool {
    let start = position
    skipBlanks()
    if peek == .comma {
      position += 1
      skipBlanks()
      return true
    }
    return peek == closer || position > start
  }

  private mutating func number() -> Double? {
    let start = position
    while let byte = peek, !byte.isBlank, byte != .comma, !Array("])}\"'".utf8).contains(byte) {
      position += 1
    }
    switch String(decoding: bytes[start..<position], as: UTF8.self) {
    case "True", "true": return 1
    case "False", "false": return 0
    case let text:
      guard let value = Double(text.hasSuffix(".") ? text + "0" : text), value.isFinite else {
        return nil
      }
      return value
    }
  }

  /// A string with Python's and JSON's escapes.
  private mutating func quoted(_ quote: UInt8) -> [UInt8]? {
    position += 1
    var text: [UInt8] = []
    while let byte = peek {
      position += 1
      if byte == quote { return text }
      guard byte == UInt8(ascii: "\\") else {
        text.append(byte)
        continue
      }
      guard let escaped = escape() else { return nil }
      text += escaped
    }
    return nil
  }

  private mutating func escape() -> [UInt8]? {
    guard let byte = peek else { return nil }
    position += 1
    switch byte {
    case UInt8(ascii: "\\"), .quote, UInt8(ascii: "'"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "n"): return [.lineFeed]
    case UInt8(ascii: "t"): return [.tab]
    case UInt8(ascii: "r"): return [.carriageReturn]
    case UInt8(ascii: "x"): return unicode(digits: 2)
    case UInt8(ascii: "u"): return unicode(digits: 4)
    case UInt8(ascii: "U"): return unicode(digits: 8)
    default: return nil
    }
  }

  private mutating func unicode(digits: Int) -> [UInt8]? {
    guard var unit = hexadecimal(digits) else { return nil }
    let isPairBegun = digits == 4 && (0xD800..<0xDC00).contains(unit)
    if isPairBegun, bytes[position...].starts(with: Array("\\u".utf8)) {
      position += 2
      guard let second = hexadecimal(4), (0xDC00..<0xE000).contains(second) else { return nil }
      unit = 0x10000 + (unit - 0xD800) << 10 + (second - 0xDC00)
    }
    return Unicode.Scalar(unit).flatMap { UTF8.encode($0).map(Array.init) }
  }

  private mutating func hexadecimal(_ digits: Int) -> UInt32? {
    guard position + digits <= bytes.count else { return nil }
    let text = String(decoding: bytes[position..<position + digits], as: UTF8.self)
    position += digits
    return text.allSatisfy(\.isHexDigit) ? UInt32(text, radix: 16) : nil
  }
}
