import Text

/// Reads one record of a delimited file by the roles of its columns.
struct CSVRecordParser: RecordParser {
  private let roles: ColumnRoles
  private let columns: DataColumns
  private var labels: LabelCellReader
  private let unknown: UnknownMark?
  private var reader: CSVFieldReader

  init(_ roles: ColumnRoles, _ columns: DataColumns, _ dialect: Dialect) {
    self.roles = roles
    self.columns = columns
    labels = LabelCellReader(roles, columns)
    unknown = columns.unknownMark
    reader = CSVFieldReader(dialect)
  }

  mutating func parse(
    _ range: Range<Int>, of bytes: Span<UInt8>, into row: inout ParsedRow,
    names: inout ByteStringTable
  ) throws(RowProblem) {
    try requireUTF8(range, of: bytes)
    reader.begin(range)
    do throws(RowProblem) {
      try readFields(in: bytes, into: &row, names: &names)
    } catch  where columns.dialect.quoting == nil && error.isOfQuotes {
      throw RowProblem(
        "\(error.reason), or set \(columns.style.line(.quoting, "none")) if quotes are ordinary "
          + "characters in this file")
    }
    try columns.checkText(&row)
  }

  private mutating func readFields(
    in bytes: Span<UInt8>, into row: inout ParsedRow, names: inout ByteStringTable
  ) throws(RowProblem) {
    var column = 0
    var badCell: RowProblem?
    while reader.hasNext, column < roles.roles.count {
      // A wrong cell is reported only where the number of fields is right: where a comma is
      // missing, every later cell looks wrong.
      if case .label(let label) = roles.roles[column] {
        let value = try value(column, in: bytes, problem: &badCell)
        if value == .positive { row.labels.append(label) }
        if value == .unknown { row.unknownLabels.append(label) }
      } else {
        try reader.next(in: bytes)
        do throws(RowProblem) {
          try readField(roles.roles[column], into: &row, names: &names)
        } catch { badCell = badCell ?? error }
      }
      column += 1
    }
    if column < roles.roles.count || reader.hasNext {
      throw try fieldCountProblem(column, in: bytes)
    }
    if let badCell { throw badCell }
    try row.requireNoContradiction(names)
  }

  /// What a label's cell says: no, yes, or that nobody knows.
  private mutating func value(
    _ column: Int, in bytes: Span<UInt8>, problem: inout RowProblem?
  ) throws(RowProblem) -> LabelValue {
    if let bit = reader.nextBit(in: bytes) { return bit ? .positive : .negative }
    try reader.next(in: bytes)
    if let unknown, unknown.matches(reader.field) { return .unknown }
    do throws(RowProblem) {
      guard let value = LabelValue(reader.field) else { throw badCell(column) }
      return value == .missing ? try columns.valueOfMissing(label: roles.names[column]) : value
    } catch {
      problem = problem ?? error
      return .negative
    }
  }

  /// What is wrong with the present field, a label's cell.
  private func badCell(_ column: Int) -> RowProblem {
    let usual = UnknownMark(DataColumns.usualUnknownLabel)
    let remedy =
      usual.matches(reader.field)
      ? "if it means that nobody knows, set \(columns.style.line(.unknownLabel, usual.text))"
      : "a column of label names is declared by \(columns.style.name(.labelsColumn))"
    return RowProblem(
      "the label column “\(excerpt(roles.names[column]))” holds “\(excerpt(reader.field))”, "
        + "not 0 or 1 (\(remedy))")
  }

  private mutating func readField(
    _ role: ColumnRoles.Role, into row: inout ParsedRow, names: inout ByteStringTable
  ) throws(RowProblem) {
    switch role {
    case .text: row.text = reader.field
    case .id: row.id = reader.field.isEmpty ? nil : reader.field
    case .labels: try labels.read(reader.field, into: &row, names: &names)
    case .unknownLabels: try labels.readUnknown(reader.field, into: &row, names: &names)
    case .group: row.group = reader.field.isEmpty ? nil : reader.field
    case .date: row.date = try requireDate(reader.field, name: columns.date ?? "")
    case .label, .ignored: break
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
    let wanted = roles.roles.count
    guard columns.dialect.columnNames.isEmpty else {
      return RowProblem("\(fields) where \(columns.style.name(.columnNames)) names \(wanted)")
    }
    let hint =
      count > wanted
      ? "; a field with \(Dialect.name(of: reader.separator)) in it must stand in quotes" : ""
    return RowProblem("\(fields) where the header has \(wanted)\(hint)")
  }
}
