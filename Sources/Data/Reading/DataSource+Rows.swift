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
    guard case .delimited(let dialect) = layout.form else {
      return find(wanted, with: JSONRowParser(roles, columns))
    }
    return find(wanted, with: CSVRecordParser(roles, columns, dialect))
  }

  private func find(
    _ wanted: Set<Int>, with parser: some RecordParser
  ) -> [Int: SourceRow] {
    var (parser, names, row) = (parser, roles.labelNames, ParsedRow())
    var found: [Int: SourceRow] = [:]
    let (splitter, last) = (layout.splitter, wanted.max() ?? -1)
    // Rows that are left out have no number.
    let leavesOut = columns.emptyTexts == .skip
    bytes.withSpan { bytes in
      var (start, number) = (layout.firstRow.offset, 0)
      while start < bytes.count, number <= last {
        let record = splitter.record(at: start, in: bytes)
        start = record.next
        if layout.isBlank(record.content, in: bytes) { continue }
        if leavesOut || wanted.contains(number) {
          let isSound =
            (try? parse(record, of: bytes, with: &parser, into: &row, names: &names)) != nil
          if isSound, leavesOut, row.isEmpty { continue }
          if isSound, wanted.contains(number) {
            found[number] = SourceRow(row, number: number, names)
          }
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
