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

    /// Nothing is said.
    public init() {}
  }

  private static let textNames = [
    "text", "comment_text", "sentence", "content", "body", "description", "abstract", "document",
    "question", "review", "message", "title",
  ]
  private static let labelNames = [
    "labels", "label", "tags", "tag", "categories", "category", "topics", "classes", "genres",
    "codes",
  ]
  /// The shortest mean length of a text, in characters: below, a column of names is as likely.
  private static let shortestText = 15.0

  /// Finds the columns out. Throws `DataError.unclearColumns` with the option that settles it.
  public init(_ sample: FileSample, _ given: Given) throws(DataError) {
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
    let candidates = sample.columns.filter { !taken.contains($0.name) && !$0.name.isEmpty }
    try findLabels(candidates, sample, given)
    let labels = Set(labelColumns + [columns.labels].compactMap(\.self))
    unknownCellCount = labelColumns.reduce(unknown?.nameCount ?? 0) {
      $0 + (sample.column($1)?.unknownCount ?? 0)
    }
    other =
      sample.columns.map(\.name).filter {
        !taken.contains($0) && !labels.contains($0) && !constant.contains($0) && !$0.isEmpty
      } + given.ignored
    columns.ignored = sample.separator == nil || labelColumns.isEmpty ? [] : constant + other
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
    let lists = candidates.filter { Self.looksLikeLists($0) }
    // A column of names beside one or two flags: the names are the labels.
    if varied.count >= 2, sample.separator != nil, lists.isEmpty || varied.count > 3 {
      (labelColumns, constant) = (varied, binary.filter(\.isConstant).map(\.name))
      return
    }
    let named = lists.filter { column in Self.labelNames.contains(column.name.lowercased()) }
    let choice = named.count == 1 ? named : lists
    guard choice.count == 1 else { throw Self.unclearLabels(choice, candidates, sample) }
    takeColumn(choice[0].name, sample, given)
  }

  private mutating func takeColumn(_ name: String, _ sample: FileSample, _ given: Given) {
    columns.labels = name
    columns.labelsSeparator =
      given.labelsSeparator ?? sample.column(name).flatMap(Self.separator) ?? ","
  }
}

extension ColumnGuess {
  /// What JSON Lines name beside a row's labels: those that nobody knows.
  private static func unknownNames(in sample: FileSample) -> SampledColumn? {
    guard sample.separator == nil, let column = sample.column("unknown"), column.isListed else {
      return nil
    }
    return column
  }

  private static func text(in sample: FileSample, _ given: Given) throws(DataError) -> String {
    let taken = Set(
      given.labels + given.ignored + [given.labelsColumn, given.id].compactMap(\.self))
    let texts = sample.columns.filter {
      !taken.contains($0.name) && !$0.isBinary && !$0.isListed && $0.meanLength >= shortestText
    }
    for name in textNames {
      if let column = texts.first(where: { $0.name.lowercased() == name }) { return column.name }
    }
    let longest = texts.filter { $0.distinctShare > 0.5 }.sorted { $0.meanLength > $1.meanLength }
    guard let first = longest.first else {
      // A short text by its name is better than none.
      let named = sample.columns.first { textNames.contains($0.name.lowercased()) }
      if let named { return named.name }
      throw .unclearColumns(
        path: sample.path,
        reason: "no column looks like a text; name it by --text (\(list(sample.columns)))")
    }
    if longest.count > 1, longest[1].meanLength > first.meanLength / 2 {
      throw .unclearColumns(
        path: sample.path,
        reason: "the text may be \(list(Array(longest.prefix(3)))); name it by --text")
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

  /// Whether cells are lists of names: arrays, a list as text, or a few names that come again.
  private static func looksLikeLists(_ column: SampledColumn) -> Bool {
    if column.isListed { return true }
    guard !column.isBinary, !column.texts.isEmpty else { return false }
    if column.texts.allSatisfy({ $0.hasPrefix("[") && $0.hasSuffix("]") }) { return true }
    let names = column.texts.flatMap { split($0, by: separator(of: column)) }
    let isShort = names.reduce(0) { $0 + $1.count } <= 40 * max(1, names.count)
    return isShort && Set(names).count * 2 < names.count
      && (labelNames.contains(column.name.lowercased()) || separator(of: column) != nil)
  }

  /// What stands between two names: what splits the cells into the fewest different names of many.
  private static func separator(of column: SampledColumn) -> String? {
    let texts = column.texts
    if texts.allSatisfy({ $0.hasPrefix("[") }) { return nil }
    let candidates = ["|", ";", ",", "\t"].filter { separator in
      texts.count { $0.contains(separator) } * 20 >= texts.count
    }
    func distinct(_ separator: String) -> Int {
      Set(texts.flatMap { split($0, by: separator) }).count
    }
    return candidates.min { distinct($0) < distinct($1) }
  }

  private static func split(_ text: String, by separator: String?) -> [String] {
    guard let separator else { return [text] }
    return text.split(separator: separator).map { part in
      String(part.trimmingPrefix(while: \.isWhitespace))
    }
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
      reason: "there is no column “\(excerpt(name))”\(hint) (\(list(sample.columns)))")
  }

  private static func unclearLabels(
    _ lists: [SampledColumn], _ candidates: [SampledColumn], _ sample: FileSample
  ) -> DataError {
    let ways = "--labels 'A,B,tag_*' (columns of 0 and 1) or --labels-column NAME (a list of names)"
    return .unclearColumns(
      path: sample.path,
      reason: lists.isEmpty
        ? "no column looks like labels; name them by \(ways) (\(list(candidates)))"
        : "the labels may be \(list(lists)); name them by \(ways)")
  }

  private static func list(_ columns: [SampledColumn]) -> String {
    let names = columns.prefix(12).map { "“\(excerpt($0.name))”" }
    return names.joined(separator: ", ") + (columns.count > 12 ? ", …" : "")
  }
}
