import Memory

/// The rows of one step.
public struct StepBatch {
  /// This rank's microbatches.
  public let microbatches: [Batch]
  /// Rows of each of all ranks' microbatches, in the order of the step.
  public let microbatchSizes: [Int]
  /// The TF-IDF features of all ranks' rows, microbatch after microbatch `[B, F]`; nil where the model
  /// reads none.
  public let tfidf: SparseMatrix?

  /// Rows of all ranks.
  public var rowCount: Int { microbatchSizes.reduce(0, +) }

  /// See the properties.
  public init(microbatches: [Batch], microbatchSizes: [Int], tfidf: SparseMatrix? = nil) {
    precondition(tfidf.map { $0.rows == microbatchSizes.reduce(0, +) } ?? true)
    self.microbatches = microbatches
    self.microbatchSizes = microbatchSizes
    self.tfidf = tfidf
  }

  /// The step of one rank that carries all rows.
  public init(ofOneRank microbatches: [Batch], tfidf: SparseMatrix? = nil) {
    self.init(
      microbatches: microbatches, microbatchSizes: microbatches.map(\.rowCount), tfidf: tfidf)
  }
}
