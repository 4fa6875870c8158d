import Memory

/// Rows to train on or to evaluate: token ids and the labels of a `LabelSet`. Copies and subsets
/// share the memory.
public struct Dataset {
  /// The labels.
  public let labels: LabelSet
  /// Labels that occur in the data and are not in `labels`, in name order, with the number of
  /// their rows (of the whole data, also in a subset). They are otherwise ignored.
  public let unknownLabels: [UnknownLabel]
  /// The rows' memory.
  public let stored: StoredRows
  /// Labels of all stored rows as indices into `labels`, ascending in each row.
  public let labelIndices: Vector<Int32>
  /// Where each stored row begins in `labelIndices`, and the end of the last.
  public let labelOffsets: Vector<Int64>
  /// What a frozen encoder makes of each stored row `[N, H]`; nil where rows are read by their tokens.
  public private(set) var features: Matrix<Float>?
  /// The features of each stored row's words `[N, F]`; nil where words are not read.
  private var wordFeatures: SparseMatrix?
  /// Whether what is stored of rows are tokens, and not the text itself.
  public let hasTokens: Bool
  /// The stored row of each row; nil for all in order.
  private let selection: [Int]?

  /// A label that a model does not know.
  public struct UnknownLabel: Equatable, Sendable {
    /// Its name.
    public let name: String
    /// How many rows have it.
    public let rowCount: Int
  }

  /// All rows of `stored`, with the labels given: those of the data itself by default.
  /// - Parameter hasTokens: whether the rows are tokenized, and not stored as text (`TextBytes`).
  public init(_ stored: StoredRows, labels: LabelSet? = nil, hasTokens: Bool = true) {
    self.stored = stored
    self.hasTokens = hasTokens
    self.labels = labels ?? stored.labelNames
    selection = nil
    guard let labels, labels != stored.labelNames else {
      labelIndices = stored.labelIndices
      labelOffsets = stored.labelOffsets
      unknownLabels = []
      return
    }
    let translated = TranslatedLabels(stored, to: labels)
    labelIndices = Vector(copying: translated.indices)
    labelOffsets = Vector(copying: translated.offsets)
    unknownLabels = translated.unknown
  }

  private init(_ whole: Dataset, selection: [Int]) {
    labels = whole.labels
    unknownLabels = whole.unknownLabels
    stored = whole.stored
    labelIndices = whole.labelIndices
    labelOffsets = whole.labelOffsets
    features = whole.features
    wordFeatures = whole.wordFeatures
    hasTokens = whole.hasTokens
    self.selection = selection
  }

  /// The rows at these indices of this dataset, in this order.
  public func subset(_ rows: [Int]) -> Dataset {
    Dataset(self, selection: rows.map(storedRow))
  }

  /// The same rows, with the features of all stored rows.
  public func with(features: Matrix<Float>) -> Dataset {
    precondition(features.rows == stored.rowCount)
    var copy = self
    copy.features = features
    return copy
  }

  /// The same rows, with the features of all stored rows' words.
  public func with(wordFeatures: SparseMatrix) -> Dataset {
    precondition(wordFeatures.rows == stored.rowCount)
    var copy = self
    copy.wordFeatures = wordFeatures
    return copy
  }

  /// The features of these rows' words, in this order; nil where words are not read.
  public func wordFeatures(_ rows: [Int]) -> SparseMatrix? {
    wordFeatures?.rows(rows.map { storedRow($0 % rowCount) })
  }

  /// Values of the features of all stored rows' words.
  public var wordFeatureCount: Int { wordFeatures?.valueCount ?? 0 }

  /// Number of rows.
  public var rowCount: Int { selection?.count ?? stored.rowCount }

  /// The row's index in `stored`.
  public func storedRow(_ row: Int) -> Int { selection?[row] ?? row }

  /// Where the row's tokens stand in `stored.tokens`.
  public func tokenRange(_ row: Int) -> Range<Int> {
    let row = storedRow(row)
    return Int(stored.offsets[row])..<Int(stored.offsets[row + 1])
  }

  /// Number of the row's tokens.
  public func tokenCount(_ row: Int) -> Int { tokenRange(row).count }

  /// The row's token ids.
  public func tokens(_ row: Int) -> Vector<Int32> { stored.tokens[tokenRange(row)] }

  /// Where the row's labels stand in `labelIndices`.
  public func labelRange(_ row: Int) -> Range<Int> {
    let row = storedRow(row)
    return Int(labelOffsets[row])..<Int(labelOffsets[row + 1])
  }

  /// The indices of the row's labels, ascending.
  public func labelIndices(_ row: Int) -> [Int32] { labelIndices[labelRange(row)].array }

  /// The row's id: what the file gives, or the row's number in the file, from 0.
  public func id(_ row: Int) -> String { stored.id(storedRow(row)) }

  /// Numbers of tokens of all rows, as a `BatchPlan` takes them.
  public var rowLengths: [Int] { lengths(stored.offsets) }

  /// Numbers of labels of all rows.
  public var labelCounts: [Int] { lengths(labelOffsets) }

  private func lengths(_ offsets: Vector<Int64>) -> [Int] {
    offsets.withSpan { offsets in
      if let selection { return selection.map { Int(offsets[$0 + 1] - offsets[$0]) } }
      return (0..<(offsets.count - 1)).map { Int(offsets[$0 + 1] - offsets[$0]) }
    }
  }
}

/// The labels of stored rows, renumbered for another label set.
private struct TranslatedLabels {
  var indices: [Int32] = []
  var offsets: [Int64] = [0]
  var unknown: [Dataset.UnknownLabel] = []

  init(_ stored: StoredRows, to labels: LabelSet) {
    let newIndex = stored.labelNames.names.map { labels.index(of: $0).map(Int32.init) ?? -1 }
    var unknownCounts = [Int](repeating: 0, count: newIndex.count)
    let all = stored.labelIndices.array
    var start = 0
    var ends: [Int] = []
    var known: [Int32] = []
    for end in stored.labelOffsets.array.dropFirst() {
      for label in all[start..<Int(end)] {
        if newIndex[Int(label)] >= 0 {
          known.append(label)
        } else {
          unknownCounts[Int(label)] += 1
        }
      }
      start = Int(end)
      ends.append(known.count)
    }
    indices = renumber(known, ends: ends, by: newIndex)
    offsets += ends.map(Int64.init)
    for (label, count) in unknownCounts.enumerated() where count > 0 {
      unknown.append(
        Dataset.UnknownLabel(name: stored.labelNames.names[label], rowCount: count))
    }
  }
}
