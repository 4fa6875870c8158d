import Memory

/// Rows to train on or to evaluate: their tokens, texts or both, and the labels of a `LabelSet`.
/// Copies and subsets share the memory.
public struct Dataset {
  /// The labels.
  public let labels: LabelSet
  /// Labels that occur in the data and are not in `labels`, in name order, with the number of
  /// their rows (of the whole data, also in a subset). They are otherwise ignored.
  public let unknownLabels: [UnknownLabel]
  /// The rows' memory.
  public let stored: StoredRows
  /// Labels of each stored row as indices into `labels`, ascending.
  public let labelIndices: RaggedVector<Int32>
  /// What a frozen encoder makes of each stored row `[N, H]`; nil where rows are read by their
  /// tokens.
  public private(set) var features: Matrix<Float>?
  /// The features of each stored row's words `[N, F]`; nil where words are not read.
  private var wordFeatures: SparseMatrix?
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
  public init(_ stored: StoredRows, labels: LabelSet? = nil) {
    self.stored = stored
    self.labels = labels ?? stored.labelNames
    selection = nil
    guard let labels, labels != stored.labelNames else {
      labelIndices = stored.labels
      unknownLabels = []
      return
    }
    let translated = TranslatedLabels(stored, to: labels)
    labelIndices = RaggedVector(translated.labels)
    unknownLabels = translated.unknown
  }

  private init(_ whole: Dataset, selection: [Int]) {
    labels = whole.labels
    unknownLabels = whole.unknownLabels
    stored = whole.stored
    labelIndices = whole.labelIndices
    features = whole.features
    wordFeatures = whole.wordFeatures
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

  /// Whether rows have tokens; else they are read by their texts alone.
  public var hasTokens: Bool { stored.tokens != nil }

  /// Whether the row has no text: it has neither tokens nor text then.
  public func isEmpty(_ row: Int) -> Bool { stored.isEmpty(storedRow(row)) }

  /// The row's token ids; nil where rows have none.
  public func tokens(_ row: Int) -> Vector<Int32>? { stored.tokens?[storedRow(row)] }

  /// Where the row's labels stand in the values of `labelIndices`.
  public func labelRange(_ row: Int) -> Range<Int> { labelIndices.range(storedRow(row)) }

  /// The indices of the row's labels, ascending.
  public func labelIndices(_ row: Int) -> [Int32] { labelIndices[storedRow(row)].array }

  /// The row's id: what the file gives, or the row's number in the file, from 0.
  public func id(_ row: Int) -> String { stored.id(storedRow(row)) }

  /// Lengths of all rows, as a `BatchPlan` takes them: numbers of tokens, or of words of four bytes
  /// where rows have texts alone.
  public var rowLengths: [Int] { (0..<rowCount).map { stored.length(storedRow($0)) } }
}

/// The labels of stored rows, renumbered for another label set.
private struct TranslatedLabels {
  let labels: RaggedArray<Int32>
  var unknown: [Dataset.UnknownLabel] = []

  init(_ stored: StoredRows, to labelSet: LabelSet) {
    let newIndex = stored.labelNames.names.map { labelSet.index(of: $0).map(Int32.init) ?? -1 }
    var unknownCounts = [Int](repeating: 0, count: newIndex.count)
    var known = RaggedArray<Int32>()
    for row in 0..<stored.rowCount {
      known.append { known in
        for label in stored.labels[row].array {
          if newIndex[Int(label)] >= 0 {
            known.append(label)
          } else {
            unknownCounts[Int(label)] += 1
          }
        }
      }
    }
    labels = known.renumbered(by: newIndex)
    for (label, count) in unknownCounts.enumerated() where count > 0 {
      unknown.append(
        Dataset.UnknownLabel(name: stored.labelNames.names[label], rowCount: count))
    }
  }
}
