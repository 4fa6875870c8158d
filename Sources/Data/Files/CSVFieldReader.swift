/// Reads the fields of one CSV record (RFC 4180), one after the other.
struct CSVFieldReader {
  let separator: UInt8
  private let hasQuotes: Bool
  /// The present field, without its quotes, doubled quotes made single.
  private(set) var field: [UInt8] = []
  private(set) var position = 0
  private(set) var end = 0
  /// Whether another field follows.
  private(set) var hasNext = false

  init(_ dialect: Dialect) {
    separator = dialect.separator
    hasQuotes = dialect.hasQuotes
  }

  mutating func begin(_ range: Range<Int>) {
    position = range.lowerBound
    end = range.upperBound
    hasNext = true
  }

  /// Reads the next field.
  mutating func next(in bytes: Span<UInt8>) throws(RowProblem) {
    field.removeAll(keepingCapacity: true)
    if hasQuotes, position < end, bytes[position] == .quote {
      try quoted(in: bytes)
    } else {
      while position < end, bytes[position] != separator {
        field.append(bytes[position])
        position += 1
      }
    }
    hasNext = position < end
    position += 1
  }

  /// The next field where it is a bare 0 or 1: the case that a file of many label columns is made
  /// of. Otherwise nil, and nothing is read.
  @inline(__always)
  mutating func nextBit(in bytes: Span<UInt8>) -> Bool? {
    guard position < end else { return nil }
    let digit = bytes[position] &- UInt8(ascii: "0")
    guard digit <= 1, position + 1 >= end || bytes[position + 1] == separator else { return nil }
    hasNext = position + 1 < end
    position += 2
    return digit == 1
  }

  private mutating func quoted(in bytes: Span<UInt8>) throws(RowProblem) {
    position += 1
    while position < end {
      let byte = bytes[position]
      position += 1
      guard byte == .quote else {
        field.append(byte)
        continue
      }
      guard position < end else { return }
      if bytes[position] == separator { return }
      guard bytes[position] == .quote else {
        let isEscaped = field.last == UInt8(ascii: "\\")
        throw RowProblem(
          ofQuotes: "“\(excerpt(field))” is followed by text after its closing quote; "
            + "double quotes inside a field"
            + (isEscaped ? " in place of escaping them by a backslash" : ""))
      }
      field.append(.quote)
      position += 1
    }
    throw RowProblem("a quoted field is never closed")
  }
}
