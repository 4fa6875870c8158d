/// Notices quotes that take in rows: an opening one that was never meant as such makes one field of
/// all lines until the next quote.
struct QuoteCheck {
  private let roles: ColumnRoles
  private let columns: DataColumns
  private let dialect: Dialect

  init(_ roles: ColumnRoles, _ columns: DataColumns, _ dialect: Dialect) {
    self.roles = roles
    self.columns = columns
    self.dialect = dialect
  }

  private var remedy: String {
    "close or double it, or set \(columns.style.line(.quoting, "none")) if quotes are ordinary "
      + "characters in this file"
  }

  /// Throws where a quote is never closed, or where a record of several lines holds lines that look
  /// like rows of their own and the user has not said that quotes are meant.
  func check(_ record: RecordExtent, of bytes: Span<UInt8>) throws(RowProblem) {
    if record.isUnclosed {
      throw RowProblem("a quoted field that begins here is never closed; \(remedy)")
    }
    guard columns.dialect.quoting == nil else { return }
    let count = swallowedRows(record.content, of: bytes)
    guard count >= wanted else { return }
    let lines =
      count == 1
      ? "a line that looks like a row of its own"
      : "\(count) lines that look like rows of their own"
    throw RowProblem(
      "a quote that opens in this row takes in \(lines); \(remedy), or \(columns.style.line(.quoting, "minimal")) if all is as it should be"
    )
  }

  /// How many such lines are evidence. A line of prose has the right number of commas more easily
  /// than the right number of tabs, and hardly 0 and 1 in the label columns besides.
  private var wanted: Int {
    if roles.labels == .columns { return roles.names.count > 2 ? 1 : 2 }
    switch dialect.separator {
    case .tab: return 1
    case .comma: return 3
    default: return 2
    }
  }

  /// Lines that would be rows if quotes were ordinary characters. The last line is the end of the
  /// record, and the first one is no evidence where its last field is the one that opens. Where
  /// labels are names, and so any text, all lines must look like rows.
  private func swallowedRows(_ range: Range<Int>, of bytes: Span<UInt8>) -> Int {
    var (rows, lines) = (0, 0)
    var start = range.lowerBound
    while start < range.upperBound {
      let line = RecordSplitter(.lines, lineEnd: dialect.lineEnd).record(at: start, in: bytes)
      guard line.content.upperBound < range.upperBound else { break }
      if !line.content.isEmpty {
        lines += 1
        let isFirst = start == range.lowerBound
        if looksLikeRow(line.content, isFirst: isFirst, of: bytes) { rows += 1 }
      }
      start = line.next
    }
    return roles.labels == .columns || rows + 1 >= lines ? rows : 0
  }

  private func looksLikeRow(
    _ line: Range<Int>, isFirst: Bool, of bytes: Span<UInt8>
  ) -> Bool {
    let count = roles.names.count
    guard count > 1 else { return false }
    var (field, start) = (0, line.lowerBound)
    for index in line.lowerBound...line.upperBound
    where index == line.upperBound || bytes[index] == dialect.separator {
      guard field < count else { return false }
      if case .label = roles.roles[field] {
        let cell = (start..<index).map { bytes[$0] }
        guard LabelValue(cell) != nil || columns.unknownMark?.matches(cell) == true else {
          return false
        }
      }
      let opensLast = isFirst && field == count - 1 && start < index && bytes[start] == .quote
      if opensLast { return false }
      field += 1
      start = index + 1
    }
    return field == count
  }
}
