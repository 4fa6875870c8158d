// Single rows of a file, to be shown: the others are passed over, not parsed.

import Text

/// A row as its file has it.
public struct SourceRow: Equatable, Sendable {
  /// What the file gives, or the row's number in the file, from 0.
  public let id: String
  /// The whole text.
  public let text: String
  /// The names of its labels, each once, in the order of the file.
  public let labels: [String]
}

extension DataSource {
  /// The rows with these numbers, from 0; those that the file does not have, or that cannot be
  /// read, are left out.
  public func rows(numbered wanted: Set<Int>) -> [Int: SourceRow] {
    switch form {
    case .jsonLines:
      find(wanted, with: JSONLineParser(columns: columns), names: ByteStringTable())
    case .csv(let header, let separator):
      find(
        wanted,
        with: CSVRecordParser(header: header, columns: columns, separator: separator),
        names: header.labelNames)
    }
  }

  private func find(
    _ wanted: Set<Int>, with parser: some RecordParser, names: ByteStringTable
  ) -> [Int: SourceRow] {
    var (parser, names, row) = (parser, names, ParsedRow())
    var found: [Int: SourceRow] = [:]
    let (splitter, last) = (form.splitter, wanted.max() ?? -1)
    file.bytes.withSpan { bytes in
      var (start, number) = (firstRow.offset, 0)
      while start < bytes.count, number <= last {
        let record = splitter.record(at: start, in: bytes)
        start = record.next
        if isBlank(record.content, in: bytes) { continue }
        if wanted.contains(number),
          (try? Self.parse(record, of: bytes, with: &parser, into: &row, names: &names)) != nil
        {
          found[number] = SourceRow(row, number: number, names)
        }
        number += 1
      }
    }
    return found
  }
}

extension SourceRow {
  fileprivate init(_ row: ParsedRow, number: Int, _ names: ByteStringTable) {
    id = row.id.map { String(decoding: $0, as: UTF8.self) } ?? "\(number)"
    text = String(decoding: row.text, as: UTF8.self)
    var known: Set<Int32> = []
    labels = row.labels.filter { known.insert($0).inserted }.map {
      String(decoding: names[Int($0)], as: UTF8.self)
    }
  }
}
