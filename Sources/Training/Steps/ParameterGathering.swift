// The way of updated parameters from the ranks that own them to all others, while the next step
// computes.

import Collectives
import Data
import Memory
import Models

/// Gathers a model's parameters bucket by bucket. From the first `start` until `finish()` the model's
/// store is incomplete.
///
/// Of the table of embeddings, half of a small model's parameters, a step reads a few rows only: a rank
/// gets those that its next step names, and the whole table only where `finish()` asks for it.
final class ParameterGathering<Model: Classifier> {
  private let model: Model
  private let reducer: GradientReducer
  /// The table's bucket, and what brings rows of it; nil where the table is frozen, or there is none.
  private let table: (bucket: Int, fetch: RowFetch)?
  /// Which rows of the table are, or will be after `finish(table)`, those of the last update; nil if
  /// all are.
  private var current: [Bool]?
  /// The same for the rows that were asked for and will be answered after the next update.
  private var upcoming: [Bool]?

  init(_ model: Model, _ reducer: GradientReducer) {
    self.model = model
    self.reducer = reducer
    let fetches = model.layout.trainedBuckets.compactMap { index -> (Int, RowFetch)? in
      guard case .sparseRows(let rows, _) = model.layout.buckets[index].kind else { return nil }
      let bucket = reducer.buckets[index]
      return (index, RowFetch(queue: reducer.queue, bucket: bucket, rowCount: rows))
    }
    table = fetches.first
  }

  /// Asks the other ranks for the rows of the table that this one will read in its next step. Without,
  /// the next `start` of the table spreads the whole of it. All ranks must ask, or none.
  func ask(for batches: [Batch]) throws {
    guard let fetch = table?.fetch else { return }
    var rows = [Bool](repeating: false, count: fetch.rowCount)
    for batch in batches {
      for token in batch.tokenIDs.array { rows[Int(token)] = true }
    }
    try fetch.ask(for: rows.indices.filter { rows[$0] }.map(Int32.init))
    for row in fetch.ownRows { rows[row] = true }
    upcoming = rows
  }

  /// Begins to spread the rank's part of a bucket, which it has updated. Buckets that are started first
  /// travel first.
  func start(_ bucket: Int) throws {
    model.store.isComplete = false
    if let table, bucket == table.bucket, upcoming != nil {
      try table.fetch.answer(from: model.store.buffer)
      (current, upcoming) = (upcoming, nil)
    } else {
      try reducer.startGathering(model.store.buffer, of: bucket)
      if bucket == table?.bucket { current = nil }
    }
  }

  /// Waits until a training pass over `batches` may read the bucket. Rows of the table that were not
  /// asked for are a fault of the program.
  func finish(_ bucket: Int, for batches: [Batch]) throws {
    try reducer.finish(bucket)
    guard let table, bucket == table.bucket, let current else { return }
    try table.fetch.finish()
    for batch in batches {
      for token in batch.tokenIDs.array {
        precondition(current[Int(token)], "a step reads embeddings that were not asked for")
      }
    }
  }

  /// Waits until all parameters are there.
  func finish() throws {
    try reducer.finish()
    try table?.fetch.finish()
    if let table, current != nil {
      try reducer.startGathering(model.store.buffer, of: table.bucket)
      try reducer.finish()
      current = nil
    }
    model.store.isComplete = true
  }
}
