import Text

/// Reads one CSV record by the roles of its columns.
struct CSVRecordParser: RecordParser {
  private let header: CSVHeader
  private let columns: DataColumns
  private let separatorOfLabels: [UInt8]
  private let unknown: UnknownMark?
  private var reader: CSVFieldReader

  init(header: CSVHeader, columns: DataColumns, separator: UInt8) {
    self.header = header
    self.columns = columns
    separatorOfLabels = Array(columns.labelsSeparator.utf8)
    unknown = columns.unknownMark
    reader = CSVFieldReader(separator: separator)
  }

  mutating func parse(
    _ range: Range<Int>, of bytes: Span<UInt8>, into row: inout ParsedRow,
    names: inout ByteStringTable
  ) throws(RowProblem) {
    try requireUTF8(range, of: bytes)
    reader.begin(range)
    var column = 0
    var badCell: RowProblem?
    while reader.hasNext, column < header.roles.count {
      if case .label(let label) = header.roles[column] {
        // A wrong cell is reported only where the number of fields is right: where a comma is
        // missing, every later cell looks wrong.
        switch try cell(column, in: bytes, problem: &badCell) {
        case .negative: break
        case .positive: row.labels.append(label)
        case .unknown: row.unknownLabels.append(label)
        }
      } else {
        try reader.next(in: bytes)
        try readField(header.roles[column], into: &row, names: &names)
      }
      column += 1
    }
    if column < header.roles.count || reader.hasNext {
      throw try fieldCountProblem(column, in: bytes)
    }
    if let badCell { throw badCell }
    try requireText(row.text, name: columns.text)
    try row.requireNoContradiction(names)
  }

  private mutating func cell(
    _ column: Int, in bytes: Span<UInt8>, problem: inout RowProblem?
  ) throws(RowProblem) -> LabelValue {
    if let bit = reader.nextBit(in: bytes) { return bit ? .positive : .negative }
    try reader.next(in: bytes)
    if let unknown, unknown.matches(reader.field) { return .unknown }
    if reader.field.isEmpty, columns.emptyCells == .unknown { return .unknown }
    switch String(decoding: reader.field.prefix(6), as: UTF8.self) {
    case "1", "1.0", "true", "True", "TRUE": return .positive
    case "0", "0.0", "false", "False", "FALSE": return .negative
    default:
      problem = problem ?? badCell(column)
      return .negative
    }
  }

  /// What is wrong with the present field, a label's cell.
  private func badCell(_ column: Int) -> RowProblem {
    let name = excerpt(header.names[column])
    let cell = reader.field.isEmpty ? "is empty" : "holds “\(excerpt(reader.field))”"
    let usual = UnknownMark(DataColumns.usualUnknownLabel)
    let remedy =
      if reader.field.isEmpty {
        "if nobody knows whether the label holds there, set data.empty_cells to \"unknown\""
      } else if usual.matches(reader.field) {
        "if it means that nobody knows, set data.unknown_label to \(usual.text)"
      } else {
        "a column of label names is declared by data.labels_column"
      }
    return RowProblem("the label column “\(name)” \(cell), not 0 or 1 (\(remedy))")
  }

  private mutating func readField(
    _ role: CSVHeader.Role, into row: inout ParsedRow, names: inout ByteStringTable
  ) throws(RowProblem) {
    switch role {
    case .text: row.text = reader.field
    case .id: row.id = reader.field.isEmpty ? nil : reader.field
    case .labels: appendNames(to: &row.labels, &names)
    case .unknownLabels: appendNames(to: &row.unknownLabels, &names)
    case .group: row.group = reader.field.isEmpty ? nil : reader.field
    case .date: row.date = try requireDate(reader.field, name: columns.date ?? "")
    case .label, .ignored: break
    }
  }

  private func appendNames(to labels: inout [Int32], _ names: inout ByteStringTable) {
    let field = reader.field
    var start = 0
    var index = 0
    while index <= field.count {
      let isEnd = index == field.count
      if isEnd || field[index...].starts(with: separatorOfLabels) {
        var name = field[start..<index]
        while let first = name.first, first.isBlank { name.removeFirst() }
        while let last = name.last, last.isBlank { name.removeLast() }
        if !name.isEmpty { labels.append(Int32(names.intern(Array(name)))) }
        index += isEnd ? 1 : separatorOfLabels.count
        start = index
      } else {
        index += 1
      }
    }
  }

  private mutating func fieldCountProblem(_ read: Int, in bytes: Span<UInt8>)
    throws(RowProblem) -> RowProblem
  {
    var count = read
    while reader.hasNext {
      try reader.next(in: bytes)
      count += 1
    }
    let fields = count == 1 ? "1 field" : "\(count) fields"
    return RowProblem("\(fields) where the header has \(header.roles.count)")
  }
}
