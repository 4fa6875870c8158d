import Foundation
import Memory
import Text

/// A data file, opened and its form checked, ready to be read in parts.
public struct DataSource {
  /// The file's path as the user wrote it.
  public var path: String { file.path }
  let file: MappedFile
  let columns: DataColumns
  let form: Form
  /// Where the rows begin: the byte and its line.
  let firstRow: (offset: Int, line: Int)

  enum Form {
    case jsonLines
    case csv(CSVHeader, separator: UInt8)

    var splitter: RecordSplitter {
      switch self {
      case .jsonLines: .lines
      case .csv(_, let separator): .fields(separator: separator)
      }
    }
  }

  /// Opens a file, its form told by the extension: .jsonl, .ndjson and .json are JSON Lines, .csv
  /// and .tsv are RFC 4180 with commas or tabs and a header. Throws `DataError` or `FileError`.
  /// - Parameter stream: the bytes of a stream that `path` names; its form is told by them where
  ///   there is no such extension.
  public init(
    path: String, columns: DataColumns = DataColumns(), stream: Vector<UInt8>? = nil
  ) throws {
    let separator: UInt8?
    switch (path as NSString).pathExtension.lowercased() {
    case "jsonl", "ndjson", "json": separator = nil
    case "csv": separator = .comma
    case "tsv": separator = .tab
    default:
      guard let stream else { throw DataError.unknownFormat(path: path) }
      separator = Self.separator(ofStream: stream)
    }
    file = try stream.map { MappedFile(path: path, contents: $0) } ?? MappedFile(path: path)
    self.columns = columns
    let start = try Self.contentStart(of: file)
    if let separator {
      let header = try Self.readHeader(of: file, at: start, separator: separator, columns: columns)
      form = .csv(header.header, separator: separator)
      firstRow = (header.next, 1 + header.lineCount)
    } else {
      try Self.refuseArray(file, at: start)
      form = .jsonLines
      firstRow = (start, 1)
    }
  }

  /// Reads part `part` of `parts`: the records that begin in that share of the
  /// file's bytes. Bad rows are listed in the result, so that the reports of all parts can be
  /// merged; see `EncodedRows.checked`.
  public func encode(
    part: Int = 0, of parts: Int = 1, keeping content: RowContent
  ) -> EncodedRows {
    precondition(parts > 0 && part >= 0 && part < parts, "part \(part) of \(parts)")
    let size = file.byteCount - firstRow.offset
    let lower = firstRow.offset + size * part / parts
    let upper = firstRow.offset + size * (part + 1) / parts
    switch form {
    case .jsonLines:
      return read(
        lower..<upper, with: JSONLineParser(columns: columns),
        into: RowCollector(content, labelNames: ByteStringTable()))
    case .csv(let header, let separator):
      let parser = CSVRecordParser(header: header, columns: columns, separator: separator)
      return read(
        lower..<upper, with: parser, into: RowCollector(content, labelNames: header.labelNames))
    }
  }

  /// Walks over the records before `part` for their number and lines, then reads those in it.
  private func read(
    _ part: Range<Int>, with parser: some RecordParser, into collector: RowCollector
  ) -> EncodedRows {
    var (parser, collector) = (parser, collector)
    var row = ParsedRow()
    let splitter = form.splitter
    file.bytes.withSpan { bytes in
      var (start, line, number) = (firstRow.offset, firstRow.line, 0)
      while start < part.upperBound {
        let record = splitter.record(at: start, in: bytes)
        if !isBlank(record.content, in: bytes) {
          if start >= part.lowerBound {
            do throws(RowProblem) {
              try Self.parse(
                record, of: bytes, with: &parser, into: &row, names: &collector.rows.labelNames)
              // A file with bad rows is refused, so its other rows need not be tokenized.
              if collector.rows.badRows.isEmpty { collector.add(row, number: number) }
            } catch {
              collector.rows.badRows.add(BadRow(line: line, reason: error.reason))
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

  static func parse(
    _ record: RecordExtent, of bytes: Span<UInt8>, with parser: inout some RecordParser,
    into row: inout ParsedRow, names: inout ByteStringTable
  ) throws(RowProblem) {
    if record.isUnclosed { throw RowProblem("a quoted field is never closed") }
    row.clear()
    try parser.parse(record.content, of: bytes, into: &row, names: &names)
  }

  /// Whether a line holds nothing and is passed over.
  func isBlank(_ range: Range<Int>, in bytes: Span<UInt8>) -> Bool {
    guard case .jsonLines = form else { return range.isEmpty }
    var index = range.lowerBound
    while index < range.upperBound {
      if !bytes[index].isBlank { return false }
      index += 1
    }
    return true
  }
}

extension DataSource {
  /// What separates the fields of the header; nil where the bytes begin as JSON does.
  private static func separator(ofStream bytes: Vector<UInt8>) -> UInt8? {
    let line = bytes[0..<min(bytes.count, 1 << 16)].array.prefix { $0 != .lineFeed }
    let first = line.drop { $0.isBlank || [0xEF, 0xBB, 0xBF].contains($0) }.first
    if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") { return nil }
    return line.contains(.tab) && !line.contains(.comma) ? .tab : .comma
  }

  /// The first byte behind a byte-order mark.
  private static func contentStart(of file: MappedFile) throws -> Int {
    let head = file.bytes[0..<min(3, file.byteCount)].array
    if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) {
      throw DataError.wrongFormat(path: file.path, reason: "this is UTF-16; save it as UTF-8")
    }
    if head.starts(with: [0x1F, 0x8B]) {
      throw DataError.wrongFormat(path: file.path, reason: "this is gzip; unpack it first")
    }
    guard file.byteCount > 0 else { throw DataError.noRows(path: file.path) }
    return head == [0xEF, 0xBB, 0xBF] ? 3 : 0
  }

  private static func refuseArray(_ file: MappedFile, at start: Int) throws {
    var index = start
    while index < file.byteCount, file.bytes[index].isBlank { index += 1 }
    guard index < file.byteCount, file.bytes[index] == UInt8(ascii: "[") else { return }
    throw DataError.wrongFormat(
      path: file.path,
      reason: "this begins with “[”: JSON Lines is wanted, one object a line and no array around")
  }

  private static func readHeader(
    of file: MappedFile, at start: Int, separator: UInt8, columns: DataColumns
  ) throws -> (header: CSVHeader, next: Int, lineCount: Int) {
    try file.bytes.withSpan { bytes in
      let record = RecordSplitter.fields(separator: separator).record(at: start, in: bytes)
      var reader = CSVFieldReader(separator: separator)
      var names: [String] = []
      do throws(RowProblem) {
        try requireUTF8(record.content, of: bytes)
        reader.begin(record.content)
        while reader.hasNext {
          try reader.next(in: bytes)
          names.append(String(decoding: reader.field, as: UTF8.self))
        }
      } catch {
        throw DataError.badHeader(path: file.path, reason: error.reason)
      }
      let header = try CSVHeader(names: names, columns: columns, path: file.path)
      return (header, record.next, record.lineCount)
    }
  }
}
