import Memory

/// A CSV file with a header, as `labels.csv` is one: RFC 4180, read whole.
public struct CSVTable: Sendable {
  /// The names of the columns.
  public let columns: [String]
  /// The fields of each line, as many as there are columns.
  public let lines: [[String]]

  /// Reads a file. Throws `FileError`, and `DataError.wrongFormat` where a line is not sound.
  public init(path: String) throws {
    let file = try MappedFile(path: path)
    var lines = try file.bytes.withSpan { try Self.lines(of: $0, path: path) }
    guard !lines.isEmpty else { throw DataError.noRows(path: path) }
    let header = lines.removeFirst()
    if let bad = lines.firstIndex(where: { $0.count != header.count }) {
      throw DataError.wrongFormat(
        path: path,
        reason: "row \(bad + 1) has \(lines[bad].count) fields, the header has \(header.count)")
    }
    (columns, self.lines) = (header, lines)
  }

  private static func lines(of bytes: Span<UInt8>, path: String) throws -> [[String]] {
    let dialect = Dialect(separator: .comma)
    let splitter = dialect.splitter
    var reader = CSVFieldReader(dialect)
    var (lines, start) = ([[String]](), 0)
    while start < bytes.count {
      let record = splitter.record(at: start, in: bytes)
      start = record.next
      if record.content.isEmpty { continue }
      var fields: [String] = []
      reader.begin(record.content)
      do throws(RowProblem) {
        while reader.hasNext {
          try reader.next(in: bytes)
          fields.append(String(decoding: reader.field, as: UTF8.self))
        }
      } catch {
        throw DataError.wrongFormat(
          path: path, reason: "row \(lines.count): \(error.reason)")
      }
      lines.append(fields)
    }
    return lines
  }

  /// The place of a column; nil where there is none.
  public func column(_ name: String) -> Int? { columns.firstIndex(of: name) }
}
