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
  /// Labels of which nobody knows whether a stored row has them, as `labelIndices`; nil where all
  /// is known. They count neither in losses nor in figures.
  public let unknownIndices: RaggedVector<Int32>?
  /// What a frozen encoder makes of each stored row `[N, H]`; nil where rows are read by their
  /// tokens.
  public private(set) var features: Matrix<Float>?
  /// TF-IDF features of each stored row `[N, F]`; nil if none are read.
  private var tfidf: SparseMatrix?
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
      unknownIndices = stored.unknownLabels
      unknownLabels = []
      return
    }
    let newIndex = stored.labelNames.names.map { labels.index(of: $0).map(Int32.init) ?? -1 }
    let translated = TranslatedLabels(stored.labels, newIndex)
    labelIndices = RaggedVector(translated.labels)
    unknownIndices = stored.unknownLabels.map {
      RaggedVector(TranslatedLabels($0, newIndex).labels)
    }
    unknownLabels = translated.lost.enumerated().filter { $1 > 0 }.map { label, count in
      UnknownLabel(name: stored.labelNames.names[label], rowCount: count)
    }
  }

  private init(_ whole: Dataset, selection: [Int]) {
    labels = whole.labels
    unknownLabels = whole.unknownLabels
    stored = whole.stored
    labelIndices = whole.labelIndices
    unknownIndices = whole.unknownIndices
    features = whole.features
    tfidf = whole.tfidf
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

  /// The same rows, with TF-IDF features of all stored rows.
  public func with(tfidf: SparseMatrix) -> Dataset {
    precondition(tfidf.rows == stored.rowCount)
    var copy = self
    copy.tfidf = tfidf
    return copy
  }

  /// TF-IDF features of these rows, in this order; nil if none are read.
  public func tfidf(_ rows: [Int]) -> SparseMatrix? {
    tfidf?.rows(rows.map { storedRow($0 % rowCount) })
  }

  /// How many TF-IDF features all stored rows have together.
  public var tfidfCount: Int { tfidf?.valueCount ?? 0 }

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

  /// The indices of the labels of which nobody knows whether the row has them, ascending.
  public func unknownIndices(_ row: Int) -> [Int32] {
    unknownIndices.map { $0[storedRow(row)].array } ?? []
  }

  /// Whether it is known of every label whether the row has it.
  public func isWhollyKnown(_ row: Int) -> Bool {
    unknownIndices.map { $0.range(storedRow(row)).isEmpty } ?? true
  }

  /// Cells of some rows, rows × labels, of which nothing is known. `row + k × rowCount` is the
  /// row's k-th repetition.
  public func unknownCellCount(of rows: some Sequence<Int>) -> Int {
    guard let unknownIndices else { return 0 }
    return rows.reduce(0) { $0 + unknownIndices.range(storedRow($1 % rowCount)).count }
  }

  /// The row's id: what the file gives, or the row's number in the file, from 0.
  public func id(_ row: Int) -> String { stored.id(storedRow(row)) }

  /// Lengths of all rows, as a `BatchPlan` takes them: numbers of tokens, or of words of four bytes
  /// where rows have texts alone.
  public var rowLengths: [Int] { (0..<rowCount).map { stored.length(storedRow($0)) } }
}

/// Labels of stored rows, renumbered for another label set.
private struct TranslatedLabels {
  let labels: RaggedArray<Int32>
  /// How many rows named each label that the other set lacks, by its old number.
  let lost: [Int]

  init(_ stored: RaggedVector<Int32>, _ newIndex: [Int32]) {
    var lost = [Int](repeating: 0, count: newIndex.count)
    var known = RaggedArray<Int32>()
    for row in 0..<stored.count {
      known.append { known in
        for label in stored[row].array {
          if newIndex[Int(label)] >= 0 {
            known.append(label)
          } else {
            lost[Int(label)] += 1
          }
        }
      }
    }
    labels = known.renumbered(by: newIndex)
    self.lost = lost
  }
}
