/// A table in Markdown, its columns padded so that it can be read as plain text, too.
public struct MarkdownTable {
  /// The columns' titles.
  public let header: [String]
  /// The cells of each row, as many as titles.
  public let rows: [[String]]

  /// A table of rows with as many cells as there are titles.
  public init(header: [String], rows: [[String]]) {
    precondition(rows.allSatisfy { $0.count == header.count })
    self.header = header
    self.rows = rows
  }

  /// Its lines.
  public var lines: [String] {
    let widths = header.indices.map { column in
      ([header] + rows).map { $0[column].count }.max() ?? 0
    }
    func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
    func padded(_ cells: [String]) -> String {
      line(zip(cells, widths).map { $0.padding(to: $1) })
    }
    return [padded(header), line(widths.map { String(repeating: "-", count: $0) })]
      + rows.map(padded)
  }
}
