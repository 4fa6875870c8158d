// Finds where records begin and end, without parsing them: cheap enough for every rank to walk
// over the whole file and parse only its own part.

/// One record of a file, and what lies around it.
struct RecordExtent {
  /// The record's bytes, without its line end.
  var content: Range<Int>
  /// Where the next record begins.
  var next: Int
  /// Line ends from the record's beginning to `next`.
  var lineCount: Int
  /// Whether a quoted field or a JSON array was still open at the end of the file.
  var isUnclosed = false
  /// Whether something else than a record stands here or behind it.
  var isMisplaced = false
  /// Line ends from the record's beginning to its content.
  var lineOffset = 0
}

/// How a file falls into records.
struct RecordSplitter {
  enum Form: Equatable {
    /// Every line is a record.
    case lines
    /// RFC 4180: a line end inside a quoted field belongs to the field.
    case fields(separator: UInt8)
    /// The elements of a JSON array, whose opening bracket lies before the first record.
    case elements
  }

  let form: Form
  let lineEnd: UInt8

  init(_ form: Form, lineEnd: UInt8 = .lineFeed) {
    self.form = form
    self.lineEnd = lineEnd
  }

  /// The record that begins at `start`.
  func record(at start: Int, in bytes: Span<UInt8>) -> RecordExtent {
    switch form {
    case .lines: lineRecord(at: start, in: bytes)
    case .fields(let separator): fieldsRecord(at: start, separator: separator, in: bytes)
    case .elements: elementRecord(at: start, in: bytes)
    }
  }

  private func lineRecord(at start: Int, in bytes: Span<UInt8>) -> RecordExtent {
    var index = start
    while index < bytes.count, bytes[index] != lineEnd { index += 1 }
    return ended(start: start, at: index, in: bytes, lineCount: 1)
  }

  /// A quote opens a field only as its first byte; elsewhere in an unquoted field it is an
  /// ordinary character, so a stray one cannot swallow the rest of the file.
  private func fieldsRecord(at start: Int, separator: UInt8, in bytes: Span<UInt8>)
    -> RecordExtent
  {
    var index = start
    var lineCount = 1
    var isFieldStart = true
    while index < bytes.count {
      let byte = bytes[index]
      if byte == lineEnd { break }
      index += 1
      if byte == separator {
        isFieldStart = true
      } else if byte == .quote, isFieldStart {
        isFieldStart = false
        guard skipQuoted(from: &index, lineCount: &lineCount, in: bytes) else {
          return RecordExtent(
            content: start..<index, next: index, lineCount: lineCount, isUnclosed: true)
        }
      } else {
        isFieldStart = false
      }
    }
    return ended(start: start, at: index, in: bytes, lineCount: lineCount)
  }

  /// Moves behind the closing quote; false where there is none.
  private func skipQuoted(from index: inout Int, lineCount: inout Int, in bytes: Span<UInt8>)
    -> Bool
  {
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      if byte == lineEnd {
        lineCount += 1
      } else if byte == .quote {
        guard index < bytes.count, bytes[index] == .quote else { return true }
        index += 1
      }
    }
    return false
  }

  private func ended(start: Int, at end: Int, in bytes: Span<UInt8>, lineCount: Int)
    -> RecordExtent
  {
    let isCRLF = lineEnd == .lineFeed && end > start && bytes[end - 1] == .carriageReturn
    return RecordExtent(
      content: start..<(isCRLF ? end - 1 : end), next: min(end + 1, bytes.count),
      lineCount: lineCount)
  }
}

extension RecordSplitter {
  /// One element of the array, with the comma behind it. What stands after the closing bracket is a
  /// record of its own, for the parser to refuse; so is what is not closed.
  private func elementRecord(at start: Int, in bytes: Span<UInt8>) -> RecordExtent {
    var index = start
    var lineCount = 0
    while index < bytes.count, bytes[index].isBlank {
      if bytes[index] == .lineFeed { lineCount += 1 }
      index += 1
    }
    let first = index
    let blankLines = lineCount
    var depth = 0
    while index < bytes.count {
      let byte = bytes[index]
      if byte == .lineFeed { lineCount += 1 }
      if depth == 0, byte == .comma || byte == UInt8(ascii: "]") { break }
      index += 1
      switch byte {
      case .quote: skipString(from: &index, lineCount: &lineCount, in: bytes)
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      default: break
      }
    }
    return element(first..<index, (blankLines, lineCount), in: bytes)
  }

  /// The element that was found: a comma must be followed by another one.
  private func element(
    _ content: Range<Int>, _ lines: (before: Int, all: Int), in bytes: Span<UInt8>
  ) -> RecordExtent {
    var (next, lineCount) = (content.upperBound, lines.all)
    guard next < bytes.count else {
      return RecordExtent(
        content: content, next: next, lineCount: lineCount, isUnclosed: true,
        lineOffset: lines.before)
    }
    let isLast = bytes[next] != .comma
    next += 1
    while next < bytes.count, bytes[next].isBlank {
      if bytes[next] == .lineFeed { lineCount += 1 }
      next += 1
    }
    let isAtEnd = next == bytes.count
    return RecordExtent(
      content: content, next: isLast ? bytes.count : next, lineCount: lineCount,
      isUnclosed: isAtEnd && !isLast, isMisplaced: isLast ? !isAtEnd : content.isEmpty,
      lineOffset: lines.before)
  }

  private func skipString(from index: inout Int, lineCount: inout Int, in bytes: Span<UInt8>) {
    while index < bytes.count, bytes[index] != .quote {
      if bytes[index] == .lineFeed { lineCount += 1 }
      index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    index = min(index + 1, bytes.count)
  }
}

extension UInt8 {
  static let lineFeed: UInt8 = 0x0A
  static let carriageReturn: UInt8 = 0x0D
  static let tab: UInt8 = 0x09
  static let space: UInt8 = 0x20
  static let quote: UInt8 = 0x22
  static let comma: UInt8 = 0x2C

  /// Whether JSON takes this byte for white space.
  var isBlank: Bool {
    self == .space || self == .lineFeed || self == .carriageReturn || self == .tab
  }
}
