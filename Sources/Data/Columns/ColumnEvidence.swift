// What the first rows tell of columns that nobody has named.

import Storage

extension FileSample {
  private static let textNames = [
    "text", "comment_text", "sentence", "content", "body", "description", "abstract", "document",
    "question", "review", "message", "title",
  ]
  /// The shortest mean length of a text, in characters: below, a column of names is as likely.
  private static let shortestText = 15.0

  /// The columns that may be the text: by its name alone, else the longest first.
  /// - Parameter taken: columns that are something else.
  func textCandidates(besides taken: Set<String> = []) -> [SampledColumn] {
    let texts = columns.filter {
      !taken.contains($0.name) && !$0.isBinary && !$0.isListed
        && $0.meanLength >= Self.shortestText
    }
    for name in Self.textNames {
      if let column = texts.first(where: { $0.name.lowercased() == name }) { return [column] }
    }
    let longest = texts.filter { $0.distinctShare > 0.5 }.sorted { $0.meanLength > $1.meanLength }
    guard longest.isEmpty else { return longest }
    // A short text by its name is better than none.
    return columns.first { Self.textNames.contains($0.name.lowercased()) }.map { [$0] } ?? []
  }

  /// The column that must be the text; nil where several may be, or none.
  var likelyText: SampledColumn? {
    let candidates = textCandidates()
    guard let first = candidates.first else { return nil }
    let isClear = candidates.count == 1 || candidates[1].meanLength <= first.meanLength / 2
    return isClear ? first : nil
  }

  /// The names of the columns, in short, for a message.
  func list(_ columns: [SampledColumn]? = nil) -> String {
    let columns = columns ?? self.columns
    let names = columns.prefix(12).map { "“\(excerpt($0.name))”" }
    return names.joined(separator: ", ") + (columns.count > 12 ? ", …" : "")
  }
}

extension SampledColumn {
  private static let labelNames = [
    "labels", "label", "tags", "tag", "categories", "category", "topics", "classes", "genres",
    "codes",
  ]

  /// Whether the name is one that labels have.
  var isNamedAsLabels: Bool { Self.labelNames.contains(name.lowercased()) }

  /// Whether the name is the one of an index that pandas has written.
  var isUnnamed: Bool { Self.isUnnamed(name) }

  /// "", "Unnamed: 0", "Unnamed: 0.1".
  static func isUnnamed(_ name: String) -> Bool {
    guard !name.isEmpty else { return true }
    guard name.hasPrefix("Unnamed: ") else { return false }
    return name.dropFirst(9).allSatisfy { $0.isNumber || $0 == "." || $0 == "_" }
  }

  /// The cell that says yes in a column of two words, such as “yes” and “no”; nil of other columns.
  var likelyYes: String? {
    let words: Set = ["yes", "y", "t", "x", "✓", "positive", "pos", "on"]
    let values = Set(texts)
    guard values.count <= 2, !isNumeric else { return nil }
    return values.first { words.contains($0.lowercased()) }
  }

  /// Whether cells are lists of names: arrays, a list as text, or a few names that come again.
  var looksLikeLists: Bool {
    if isListed { return true }
    guard !isBinary, !texts.isEmpty else { return false }
    if texts.allSatisfy({ ListText($0.utf8) != nil }) { return true }
    let names = texts.flatMap { Self.split($0, by: likelySeparator) }
    let isShort = names.reduce(0) { $0 + $1.count } <= 40 * max(1, names.count)
    return isShort && Set(names).count * 2 < names.count
      && (isNamedAsLabels || likelySeparator != nil)
  }

  /// What stands between two names: what splits the cells into the fewest different names of many.
  var likelySeparator: String? {
    if texts.allSatisfy({ $0.hasPrefix("[") }) { return nil }
    let candidates = ["|", ";", ",", "\t"].filter { separator in
      texts.count { $0.contains(separator) } * 20 >= texts.count
    }
    func distinct(_ separator: String) -> Int {
      Set(texts.flatMap { Self.split($0, by: separator) }).count
    }
    if candidates.isEmpty { return Self.spaced(texts) == nil ? nil : " " }
    return candidates.min { distinct($0) < distinct($1) }
  }

  /// A cell of several words where most words stand alone in other cells, and there are more
  /// different cells than words; nil where blanks belong to names.
  static func spaced(_ cells: [String]) -> String? {
    let joined = cells.filter { $0.contains(" ") }
    guard joined.count * 20 >= cells.count, !cells.contains(where: { $0.contains(",") }) else {
      return nil
    }
    let words = Set(cells.flatMap { $0.split(separator: " ").map(String.init) })
    let different = Set(cells)
    let alone = words.count { different.contains($0) }
    return 2 * alone >= words.count && different.count > words.count ? joined.first : nil
  }

  static func split(_ text: String, by separator: String?) -> [String] {
    guard let separator else { return [text] }
    return text.split(separator: separator).map { part in
      String(part.trimmingPrefix(while: \.isWhitespace))
    }
  }
}
