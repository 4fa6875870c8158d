// The way of updated parameters from the ranks that own them to all others, while the next step
// computes.

import Collectives
import Data
import Memory
import Models

/// Gathers a model's parameters bucket by bucket. From the first `start` until `finish()` the
/// model's store is incomplete.
///
/// Of the table of embeddings, half of a small model's parameters, a step reads a few rows only: a
/// rank gets those that its next step names, and the whole table only if `finish()` asks for it.
final class ParameterAllGather<Model: Classifier> {
  private let model: Model
  private let reducer: GradientReducer
  private let table: Int?
  private let fetch: SparseEmbeddingFetch?
  /// Rows of the table of embeddings.
  private enum TableRows {
    case all
    /// Those that are true.
    case some([Bool])
  }

  /// What this rank has, or gets until `finish(table)`, of the last update.
  private var current = TableRows.all
  /// What it gets of the next update.
  private var requested = TableRows.all

  /// - Parameter table: that of the embeddings; nil if it is frozen, and never travels.
  init(_ model: Model, _ reducer: GradientReducer, table: EmbeddingTable?) {
    self.model = model
    self.reducer = reducer
    self.table = table?.bucket
    fetch = table.map {
      SparseEmbeddingFetch(
        queue: reducer.queue, bucket: reducer.buckets[$0.bucket], rowCount: $0.rows)
    }
  }

  /// Asks the other ranks for the rows of the table that this one will read in its next step.
  /// Without, the next `start` of the table spreads the whole of it. All ranks must ask, or none.
  func ask(for batches: [Batch]) throws {
    guard let fetch else { return }
    var rows = [Bool](repeating: false, count: fetch.rowCount)
    for batch in batches {
      for token in batch.tokenIDs.array { rows[Int(token)] = true }
    }
    try fetch.ask(for: rows.indices.filter { rows[$0] }.map(Int32.init))
    for row in fetch.ownRows { rows[row] = true }
    requested = .some(rows)
  }

  /// Begins to spread the rank's part of a bucket, which it has updated. Buckets that are started
  /// first travel first.
  func start(_ bucket: Int) throws {
    model.store.isComplete = false
    guard bucket == table, let fetch else {
      return try reducer.startGathering(model.store.buffer, of: bucket)
    }
    switch requested {
    case .some: try fetch.answer(from: model.store.buffer)
    case .all: try reducer.startGathering(model.store.buffer, of: bucket)
    }
    (current, requested) = (requested, .all)
  }

  /// Waits until a training pass over `batches` may read the bucket. Rows of the table that were
  /// not asked for are a fault of the program.
  func finish(_ bucket: Int, for batches: [Batch]) throws {
    try reducer.finish(bucket)
    guard bucket == table, case .some(let rows) = current else { return }
    try fetch?.finish()
    for batch in batches {
      for token in batch.tokenIDs.array {
        precondition(rows[Int(token)], "a step reads embeddings that were not asked for")
      }
    }
  }

  /// Waits until all parameters are there.
  func finish() throws {
    try reducer.finish()
    try fetch?.finish()
    if let table, case .some = current {
      try reducer.startGathering(model.store.buffer, of: table)
      try reducer.finish()
      current = .all
    }
    model.store.isComplete = true
  }
}
