import Memory

/// The rows of one step.
public struct StepBatch {
  /// This rank's microbatches.
  public let microbatches: [Batch]
  /// Rows of each of all ranks' microbatches, in the order of the step.
  public let microbatchSizes: [Int]
  /// The TF-IDF features of all ranks' rows, microbatch after microbatch `[B, F]`; nil where the
  /// model reads none.
  public let tfidf: SparseMatrix?
  /// Cells, rows × labels, of all ranks of which nothing is known.
  public let unknownCellCount: Int

  /// Rows of all ranks.
  public var rowCount: Int { microbatchSizes.reduce(0, +) }

  /// Cells of all ranks that are known to be 0 or 1: what the mean of a step's losses is over.
  public func knownCellCount(labels: Int) -> Int { rowCount * labels - unknownCellCount }

  /// See the properties.
  public init(
    microbatches: [Batch], microbatchSizes: [Int], unknownCellCount: Int = 0,
    tfidf: SparseMatrix? = nil
  ) {
    precondition(tfidf.map { $0.rows == microbatchSizes.reduce(0, +) } ?? true)
    self.microbatches = microbatches
    self.microbatchSizes = microbatchSizes
    self.unknownCellCount = unknownCellCount
    self.tfidf = tfidf
  }

  /// The step of one rank that carries all rows.
  public init(ofOneRank microbatches: [Batch], tfidf: SparseMatrix? = nil) {
    self.init(
      microbatches: microbatches, microbatchSizes: microbatches.map(\.rowCount),
      unknownCellCount: microbatches.reduce(0) { $0 + $1.unknownIndices.count }, tfidf: tfidf)
  }
}
