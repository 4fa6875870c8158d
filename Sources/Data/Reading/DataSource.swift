import Foundation
import Memory
import Text

/// A data file, opened and its form checked, ready to be read in parts.
public struct DataSource {
  /// The file's path as the user wrote it.
  public var path: String { layout.data.path }
  /// What was taken for text, labels and id.
  public let summary: SourceSummary
  let columns: DataColumns
  let layout: FileLayout
  let roles: ColumnRoles
  /// Rows and lines of a stream that came before these bytes.
  public var (precedingRows, precedingLines) = (0, 0)

  /// The bytes of the file, unpacked.
  var bytes: Vector<UInt8> { layout.data.file.bytes }

  /// Opens a file, its form told by the extension: .jsonl, .ndjson and .json hold JSON objects,
  /// .csv and .tsv delimited fields; each may end in .gz besides. Throws `DataError` or
  /// `FileError`, also where the first rows leave in doubt what the columns hold.
  /// - Parameter stream: the bytes of a stream that `path` names.
  public init(
    path: String, columns: DataColumns = DataColumns(), stream: Vector<UInt8>? = nil
  ) throws {
    var columns = columns
    let labelNames = try columns.readsLabels ? columns.labelNames?.resolved() : nil
    columns.labelNames = labelNames.map { .list($0) }
    let hints = FileLayout.Hints(
      text: columns.text, dialect: columns.dialect, style: columns.style)
    layout = try FileLayout(DataFile(path: path, stream: stream), hints)
    let sample = FileSample(layout)
    var assignment = ColumnAssignment(sample, columns, labelNames: labelNames)
    roles = try assignment.roles()
    self.columns = columns
    summary = SourceSummary(layout, roles, columns)
  }

  /// Reads part `part` of `parts`: the records that begin in that share of the
  /// file's bytes. Bad rows are listed in the result, so that the reports of all parts can be
  /// merged; see `EncodedRows.checked`.
  public func encode(
    part: Int = 0, of parts: Int = 1, keeping content: RowContent
  ) -> EncodedRows {
    precondition(parts > 0 && part >= 0 && part < parts, "part \(part) of \(parts)")
    let first = layout.firstRow.offset
    let size = layout.data.file.byteCount - first
    let range = first + size * part / parts..<first + size * (part + 1) / parts
    let collector = RowCollector(
      content, labelNames: roles.labelNames, skipsEmpty: columns.emptyTexts == .skip)
    guard case .delimited(let dialect) = layout.form else {
      return read(range, with: JSONRowParser(roles, columns), into: collector)
    }
    return read(range, with: CSVRecordParser(roles, columns, dialect), into: collector)
  }

  /// Walks over the records before `part` for their number and lines, then reads those in it.
  private func read(
    _ part: Range<Int>, with parser: some RecordParser, into collector: RowCollector
  ) -> EncodedRows {
    var (parser, collector) = (parser, collector)
    var row = ParsedRow()
    let splitter = layout.splitter
    layout.data.file.bytes.withSpan { bytes in
      var (start, number) = (layout.firstRow.offset, precedingRows)
      var line = layout.firstRow.line + precedingLines
      while start < part.upperBound {
        let record = splitter.record(at: start, in: bytes)
        if record.isMisplaced || !layout.isBlank(record.content, in: bytes) || record.isUnclosed {
          if start >= part.lowerBound {
            do throws(RowProblem) {
              try parse(
                record, of: bytes, with: &parser, into: &row, names: &collector.rows.labelNames)
              collector.add(row, number: number, line: line + record.lineOffset)
            } catch {
              collector.rows.badRows.add(
                BadRow(line: line + record.lineOffset, reason: error.reason))
            }
          }
          number += 1
        }
        line += record.lineCount
        start = record.next
      }
    }
    return collector.rows
  }

  func parse(
    _ record: RecordExtent, of bytes: Span<UInt8>, with parser: inout some RecordParser,
    into row: inout ParsedRow, names: inout ByteStringTable
  ) throws(RowProblem) {
    if case .delimited(let dialect) = layout.form, record.isUnclosed || record.lineCount > 1 {
      try QuoteCheck(roles, columns, dialect).check(record, of: bytes)
    }
    if record.isUnclosed { throw RowProblem("the JSON array is never closed: the file is cut off") }
    if record.isMisplaced {
      throw RowProblem(
        "the JSON array ends here, or a value is missing: something else stands here")
    }
    row.clear()
    try parser.parse(record.content, of: bytes, into: &row, names: &names)
  }
}

extension DataSource {
  /// Why rows with one id cannot be told apart. The rows must be those of the file, none left out.
  public func problem(with repeated: RepeatedIDs) -> DataError {
    let lines = [repeated.rows.first, repeated.rows.second].map(line)
    let more = repeated.count == 1 ? "" : " (\(repeated.count) rows have the id of an earlier one)"
    let hint =
      "give each row an id of its own, or number the rows by \(columns.style.name(.id)) ''; a row "
      + "without an id has its number, from 0"
    return .badRows(
      path: path,
      BadRowReport(
        first: [
          BadRow(
            line: lines[1],
            reason: "the id “\(excerpt(repeated.id))” is that of line \(lines[0]) too\(more): "
              + hint)
        ], total: 1))
  }

  /// The line on which a row begins.
  private func line(ofRow row: Int) -> Int {
    layout.data.file.bytes.withSpan { bytes in
      var (start, line, number) = (layout.firstRow.offset, layout.firstRow.line, 0)
      while start < bytes.count {
        let record = layout.splitter.record(at: start, in: bytes)
        if !layout.isBlank(record.content, in: bytes) {
          if number == row { return line + record.lineOffset }
          number += 1
        }
        line += record.lineCount
        start = record.next
      }
      return line
    }
  }
}
