import Text

/// Reads the labels of a row from a cell, or from a string of JSON.
struct LabelCellReader {
  private let form: LabelsForm
  private let columns: DataColumns
  private let name: String
  /// How many names the user has given.
  private let count: Int

  init(_ roles: ColumnRoles, _ columns: DataColumns) {
    form = roles.labels
    self.columns = columns
    name = columns.labels ?? "labels"
    count = roles.labelNames.count
  }

  /// Adds the labels of a cell to the row. An empty one has none.
  func read(
    _ cell: [UInt8], into row: inout ParsedRow, names: inout ByteStringTable
  ) throws(RowProblem) {
    guard cell.contains(where: { !$0.isBlank }) else { return }
    if Self.isNaN(cell) { return try missing() }
    if case .names(let separator) = form {
      if columns.labelsSeparator == nil, cell.first == UInt8(ascii: "["), ListText(cell) != nil {
        throw RowProblem(
          "“\(excerpt(name))” holds the list “\(excerpt(cell))”; other rows hold none")
      }
      return Self.split(cell, by: separator) { row.labels.append(Int32(names.intern($0))) }
    }
    switch ListText(cell) {
    case .names(let list): try add(list, to: &row, &names)
    case .numbers(let list): try add(list, to: &row)
    case nil:
      guard form != .lists, let list = separated(cell) else {
        throw RowProblem(
          "“\(excerpt(name))” holds “\(excerpt(cell))”, which is no list as in other rows")
      }
      try add(list, to: &row)
    }
  }

  /// Adds the names of a cell to the labels of which nobody knows whether the row has them.
  func readUnknown(
    _ cell: [UInt8], into row: inout ParsedRow, names: inout ByteStringTable
  ) throws(RowProblem) {
    var others = ParsedRow()
    try read(cell, into: &others, names: &names)
    try columns.checkUnknown(others.labels)
    row.unknownLabels += others.labels
  }

  /// Throws unless a missing value means a row without labels.
  func missing() throws(RowProblem) {
    guard columns.emptyCells == .error else { return }
    throw RowProblem(
      "“\(excerpt(name))” is empty (null or NaN); a row without labels has an empty list, or "
        + "\(columns.style.line(.emptyCells, "zero")) makes it one")
  }

  /// Adds labels by their names.
  func add(
    _ list: [[UInt8]], to row: inout ParsedRow, _ names: inout ByteStringTable
  ) throws(RowProblem) {
    guard form == .lists || list.isEmpty else {
      throw RowProblem("“\(excerpt(name))” holds names where other rows have numbers")
    }
    for label in list {
      if label.isEmpty { throw RowProblem("a label with an empty name") }
      row.labels.append(Int32(names.intern(label)))
    }
  }

  /// Adds labels by numbers: of the names, or a 0 or 1 for each.
  func add(_ list: [Double], to row: inout ParsedRow) throws(RowProblem) {
    switch form {
    case .flags:
      guard list.count == count else {
        throw RowProblem(
          "“\(excerpt(name))” has \(list.count) numbers, not \(count): a 0 or 1 for each name of "
            + columns.style.name(.labelNames))
      }
      let unknown = columns.unknownMark
      for (label, number) in list.enumerated() {
        if unknown?.matches(number) == true {
          row.unknownLabels.append(Int32(label))
          continue
        }
        guard let value = LabelValue(number) else { throw notBit(number) }
        if value == .positive { row.labels.append(Int32(label)) }
      }
    case .numbers:
      for number in list {
        guard let label = Int(exactly: number), (0..<count).contains(label) else {
          throw RowProblem(
            "“\(excerpt(name))” holds \(LabelsFormSearch.shown(number)), and "
              + "\(columns.style.name(.labelNames)) names 0 to \(count - 1)")
        }
        row.labels.append(Int32(label))
      }
    default:
      guard list.isEmpty else {
        throw RowProblem("“\(excerpt(name))” holds numbers where other rows have names")
      }
    }
  }

  private func notBit(_ number: Double) -> RowProblem {
    RowProblem("“\(excerpt(name))” holds \(LabelsFormSearch.shown(number)) where 0 or 1 is wanted")
  }

  /// The numbers of a cell such as “0,1,0”.
  private func separated(_ cell: [UInt8]) -> [Double]? {
    var numbers: [Double?] = []
    Self.split(cell, by: Array((columns.labelsSeparator ?? ",").utf8)) {
      numbers.append(Double(String(decoding: $0, as: UTF8.self)))
    }
    let list = numbers.compactMap(\.self)
    return list.count == numbers.count ? list : nil
  }

  private static func isNaN(_ cell: [UInt8]) -> Bool {
    cell.count <= 4 && ["NaN", "nan", "<NA>"].contains(String(decoding: cell, as: UTF8.self))
  }

  /// Hands over what stands between separators, without white space around it, unless it is empty.
  private static func split(
    _ field: [UInt8], by separator: [UInt8], _ body: ([UInt8]) -> Void
  ) {
    var start = 0
    var index = 0
    while index <= field.count {
      let isEnd = index == field.count
      if isEnd || field[index...].starts(with: separator) {
        var name = field[start..<index]
        while let first = name.first, first.isBlank { name.removeFirst() }
        while let last = name.last, last.isBlank { name.removeLast() }
        if !name.isEmpty { body(Array(name)) }
        index += isEnd ? 1 : separator.count
        start = index
      } else {
        index += 1
      }
    }
  }
}

extension DataColumns {
  /// Throws where labels are named as unknown though no cell may be.
  func checkUnknown(_ labels: [Int32]) throws(RowProblem) {
    guard unknownLabel == nil, !labels.isEmpty else { return }
    throw RowProblem(
      "“\(excerpt(unknownColumn ?? "unknown"))” names labels that nobody knows, but "
        + "\(style.name(.unknownLabel)) is null, which allows none: leave it out")
  }
}
