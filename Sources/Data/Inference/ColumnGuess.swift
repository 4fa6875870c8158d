// What the columns of a file hold, told by its first rows: for those who have no config.

import Storage

/// Where text, labels and ids stand in a file, as far as its first rows tell.
public struct ColumnGuess: Equatable, Sendable {
  /// The columns as a reader takes them.
  public private(set) var columns = DataColumns()
  /// Label columns of their own; empty where one column has all names.
  public private(set) var labelColumns: [String] = []
  /// The column of the ids; nil where rows have none.
  public private(set) var id: String?
  /// Label columns that say the same in every row, which are left out.
  public private(set) var constant: [String] = []
  /// Columns that are neither text nor id nor labels.
  public private(set) var other: [String] = []
  /// Cells of label columns, among the rows looked at, that say that nobody knows.
  public private(set) var unknownCellCount = 0

  /// What the user has said; what is nil is to be found out.
  public struct Given: Equatable, Sendable {
    /// The column of the text.
    public var text: String?
    /// Label columns; a `*` at the end of a name stands for any rest.
    public var labels: [String] = []
    /// The column of all label names of a row.
    public var labelsColumn: String?
    /// What stands between two label names.
    public var labelsSeparator: String?
    /// The column of the ids.
    public var id: String?
    /// Columns that are no labels.
    public var ignored: [String] = []
    /// The names of labels that rows give as numbers.
    public var labelNames: LabelNames?
    /// How the file is written.
    public var dialect = DataDialect()
    /// What an empty label cell means.
    public var emptyCells = DataColumns.EmptyCells.error
    /// What a row without a text means.
    public var emptyTexts = DataColumns.EmptyTexts.error

    /// Nothing is said.
    public init() {}
  }

  /// Finds the columns out. Throws `DataError.unclearColumns` with the option that settles it.
  public init(_ sample: FileSample, _ given: Given) throws(DataError) {
    (columns.style, columns.dialect, columns.labelNames) = (.fit, given.dialect, given.labelNames)
    (columns.emptyCells, columns.emptyTexts) = (given.emptyCells, given.emptyTexts)
    try Self.checkHeader(sample, columns)
    for name in [given.text, given.labelsColumn, given.id].compactMap(\.self) + given.ignored
    where sample.column(name) == nil {
      throw Self.missing(name, sample)
    }
    let text: String
    if let name = given.text { text = name } else { text = try Self.text(in: sample, given) }
    columns.text = text
    id = given.id ?? Self.id(in: sample, text: text, given)
    columns.id = id ?? "id"
    let unknown = Self.unknownNames(in: sample)
    let taken = Set([text, id, unknown?.name].compactMap(\.self) + given.ignored)
    let candidates = sample.columns.filter { !taken.contains($0.name) && !$0.isUnnamed }
    try findLabels(candidates, sample, given)
    let labels = Set(labelColumns + [columns.labels].compactMap(\.self))
    unknownCellCount = labelColumns.reduce(unknown?.nameCount ?? 0) {
      $0 + (sample.column($1)?.unknownCount ?? 0)
    }
    other =
      candidates.map(\.name).filter { !labels.contains($0) && !constant.contains($0) }
      + given.ignored
    columns.ignored = labelColumns.isEmpty ? [] : constant + other
  }

  private mutating func findLabels(
    _ candidates: [SampledColumn], _ sample: FileSample, _ given: Given
  ) throws(DataError) {
    if let name = given.labelsColumn { return takeColumn(name, sample, given) }
    if !given.labels.isEmpty {
      labelColumns = try Self.matching(given.labels, sample)
      return
    }
    let binary = candidates.filter(\.isBinary)
    let varied = binary.filter { !$0.isConstant }.map(\.name)
    let lists = candidates.filter(\.looksLikeLists)
    // A column of names beside one or two flags: the names are the labels.
    if varied.count >= 2, lists.isEmpty || varied.count > 3 {
      (labelColumns, constant) = (varied, binary.filter(\.isConstant).map(\.name))
      return
    }
    let named = lists.filter(\.isNamedAsLabels)
    let choice = named.count == 1 ? named : lists
    guard choice.count == 1 else { throw Self.unclearLabels(choice, candidates, sample) }
    takeColumn(choice[0].name, sample, given)
  }

  private mutating func takeColumn(_ name: String, _ sample: FileSample, _ given: Given) {
    columns.labels = name
    columns.labelsSeparator = given.labelsSeparator ?? sample.column(name).flatMap(Self.separator)
  }

  /// What stands between two names; nil of lists, where nothing needs to.
  private static func separator(_ column: SampledColumn) -> String? {
    let texts = column.texts
    if column.isListed || texts.isEmpty || texts.allSatisfy({ ListText($0.utf8) != nil }) {
      return nil
    }
    return column.likelySeparator ?? ","
  }
}

extension ColumnGuess {
  /// What JSON Lines name beside a row's labels: those that nobody knows.
  private static func unknownNames(in sample: FileSample) -> SampledColumn? {
    guard sample.layout.isJSON, let column = sample.column("unknown"), column.isListed else {
      return nil
    }
    return column
  }

  /// Throws where the first line is a row: the text's column is named like a text.
  private static func checkHeader(
    _ sample: FileSample, _ columns: DataColumns
  ) throws(DataError) {
    let name = sample.textCandidates().first?.name ?? ""
    guard name.split(separator: " ").count > 4 || Double(name) != nil,
      let advice = ColumnAssignment(sample, columns, labelNames: nil).headerlessAdvice
    else { return }
    throw .badHeader(path: sample.path, reason: "there is no column “text”" + advice)
  }

  private static func text(in sample: FileSample, _ given: Given) throws(DataError) -> String {
    let taken = Set(
      given.labels + given.ignored + [given.labelsColumn, given.id].compactMap(\.self))
    let candidates = sample.textCandidates(besides: taken)
    guard let first = candidates.first else {
      throw .unclearColumns(
        path: sample.path,
        reason: "no column looks like a text; name it by --text (\(sample.list()))")
    }
    if candidates.count > 1, candidates[1].meanLength > first.meanLength / 2 {
      throw .unclearColumns(
        path: sample.path,
        reason: "the text may be \(sample.list(Array(candidates.prefix(3)))); name it by --text")
    }
    return first.name
  }

  private static func id(in sample: FileSample, text: String, _ given: Given) -> String? {
    let taken = Set([text, given.labelsColumn].compactMap(\.self) + given.labels + given.ignored)
    return sample.columns.first { column in
      let name = column.name.lowercased()
      guard !taken.contains(column.name), !column.isListed else { return false }
      let isNamed = name == "id" || name.hasSuffix("_id") || name == "uuid"
      return isNamed && column.texts.count == sample.rowCount && column.distinctShare == 1
    }?.name
  }

  private static func matching(
    _ patterns: [String], _ sample: FileSample
  ) throws(DataError) -> [String] {
    var found: [String] = []
    for pattern in patterns {
      let names = sample.columns.map(\.name).filter { name in
        pattern.hasSuffix("*") ? name.hasPrefix(pattern.dropLast()) : name == pattern
      }
      guard !names.isEmpty else { throw missing(pattern, sample) }
      found += names.filter { !found.contains($0) }
    }
    return found
  }

  private static func missing(_ name: String, _ sample: FileSample) -> DataError {
    let names = sample.columns.map(\.name)
    let hint = nearestName(to: name, among: names).map { "; did you mean “\($0)”?" } ?? ""
    return .unclearColumns(
      path: sample.path,
      reason: "there is no column “\(excerpt(name))”\(hint) (\(sample.list()))")
  }

  private static func unclearLabels(
    _ lists: [SampledColumn], _ candidates: [SampledColumn], _ sample: FileSample
  ) -> DataError {
    let ways = "--labels 'A,B,tag_*' (columns of 0 and 1) or --labels-column NAME (a list of names)"
    return .unclearColumns(
      path: sample.path,
      reason: lists.isEmpty
        ? "no column looks like labels; name them by \(ways) (\(sample.list(candidates)))"
        : "the labels may be \(sample.list(lists)); name them by \(ways)")
  }
}
