import Storage
import Text

/// What each column of a file holds, or each key where rows are JSON objects.
struct ColumnRoles {
  enum Role: Equatable {
    case text
    case id
    case labels
    case label(Int32)
    case unknownLabels
    case group
    case date
    case ignored
  }

  /// The names of the columns. Of JSON, those that are read, and those of the first rows.
  let names: [String]
  let roles: [Role]
  /// How labels are written.
  let labels: LabelsForm
  /// The names that are known before any row is read: of label columns in column order, or as the
  /// user gives them.
  let labelNames: ByteStringTable
  /// Whether rows have ids, as far as the first ones tell.
  let hasIDs: Bool
  /// What is passed over or taken otherwise than its name says, a sentence each.
  let remarks: [String]
}

/// Assigns the columns of a file.
struct ColumnAssignment {
  let sample: FileSample
  let columns: DataColumns
  /// The names of the labels by their numbers, where the user gives them.
  let labelNames: [String]?
  private(set) var remarks: [String] = []

  private var isJSON: Bool { sample.layout.isJSON }
  private var style: SettingStyle { columns.style }

  init(_ sample: FileSample, _ columns: DataColumns, labelNames: [String]?) {
    self.sample = sample.marking(unknown: columns.unknownMark)
    self.columns = columns
    self.labelNames = labelNames
  }

  /// Throws `DataError` where a column is missing, or where it is not clear what one holds.
  mutating func roles() throws(DataError) -> ColumnRoles {
    let names = try self.names()
    try checkFieldCount(names)
    try checkNamed(names)
    let id = self.id(names)
    let labelsKey = try labelsColumn()
    var (roles, table) = (names.map { role(of: $0, id: id, labels: labelsKey) }, ByteStringTable())
    let isWide = columns.readsLabels && labelsKey == nil
    if isWide { try checkLabelColumns(zip(names, roles).filter { $1 == .ignored }.map(\.0)) }
    for (index, name) in names.enumerated() where roles[index] == .ignored {
      if isWide, isLabelColumn(name) {
        roles[index] = .label(Int32(table.intern(Array(name.utf8))))
      } else if SampledColumn.isUnnamed(name), !name.isEmpty {
        remarks.append("“\(name)” is passed over: an index that pandas wrote")
      }
    }
    let form = try labelsForm(labelsKey)
    if form != .columns { for name in labelNames ?? [] { _ = table.intern(Array(name.utf8)) } }
    return ColumnRoles(
      names: names, roles: roles, labels: form, labelNames: table,
      hasIDs: id.flatMap(sample.column) != nil, remarks: remarks)
  }

  private func names() throws(DataError) -> [String] {
    guard isJSON else {
      var seen = ByteStringTable()
      for name in sample.layout.header where !name.isEmpty {
        let count = seen.count
        guard seen.intern(Array(name.utf8)) == count else {
          throw fail("two columns are named “\(excerpt(name))”" + (headerlessAdvice ?? ""))
        }
      }
      return sample.layout.header
    }
    var names = [columns.text, columns.labels ?? "labels", columns.id]
    names += [columns.unknownColumn ?? "unknown", columns.group, columns.date].compactMap(\.self)
    names += sample.columns.map(\.name) + columns.ignored
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }

  func fail(_ reason: String) -> DataError {
    isJSON
      ? .unclearColumns(path: sample.path, reason: reason)
      : .badHeader(path: sample.path, reason: reason)
  }

  private func role(of name: String, id: String?, labels: String?) -> ColumnRoles.Role {
    switch name {
    case columns.text: .text
    case labels: .labels
    case columns.readsLabels ? unknownColumn(labels) : nil: .unknownLabels
    case columns.group: .group
    case columns.date: .date
    case id: .id
    default: .ignored
    }
  }

  /// The column of the labels that nobody knows; of JSON by its usual name, unless it is a label.
  private func unknownColumn(_ labels: String?) -> String? {
    if let name = columns.unknownColumn { return name }
    guard isJSON, labels != nil || sample.column("unknown")?.isListed == true else { return nil }
    return "unknown"
  }

  /// Whether a column that is nothing else is a label.
  private func isLabelColumn(_ name: String) -> Bool {
    !SampledColumn.isUnnamed(name) && !columns.ignored.contains(name)
      && name != (isJSON ? "labels" : nil)
      && (!isJSON || sample.column(name) != nil)
  }

  /// The id's column; nil where a column of that name is a label.
  private mutating func id(_ names: [String]) -> String? {
    guard !columns.id.isEmpty, names.contains(columns.id) else { return nil }
    guard let column = sample.column(columns.id), column.isBinary, column.distinctShare < 1,
      sample.rowCount > 2, !columns.ignored.contains(columns.id)
    else { return columns.id }
    let isLabel = columns.readsLabels && columns.labels == nil
    remarks.append(
      "“\(columns.id)” holds 0 and 1 again and again: it is "
        + (isLabel ? "taken as a label, not as the rows' id" : "not taken as the rows' id"))
    return nil
  }

  /// The column of the labels; nil where each label has its own.
  private func labelsColumn() throws(DataError) -> String? {
    guard columns.readsLabels else { return nil }
    guard isJSON, columns.labels == nil else { return columns.labels }
    // Without rows to look at, what is usual.
    guard !sample.columns.isEmpty, sample.column("labels") == nil else { return "labels" }
    let taken = [columns.text, columns.id, columns.group, columns.date].compactMap(\.self)
    let others = sample.columns.filter { !taken.contains($0.name) }
    return others.contains { $0.isMostlyBinary } ? nil : "labels"
  }

  private mutating func labelsForm(_ name: String?) throws(DataError) -> LabelsForm {
    guard columns.readsLabels else { return .none }
    guard let name else { return .columns }
    guard let column = sample.column(name) else {
      return isJSON ? .lists : .names(separator: Array((columns.labelsSeparator ?? ",").utf8))
    }
    let search = LabelsFormSearch(
      column: column, columns: columns, names: labelNames, isJSON: isJSON)
    do { return try search.form() } catch {
      throw .unclearColumns(path: sample.path, reason: error.reason)
    }
  }
}
