// The way of updated parameters from the ranks that own them to all others, while the next step
// computes.

import Collectives
import Memory
import Models

/// Gathers a model's parameters bucket by bucket. From the first `start` until `finish()` the model's
/// store is incomplete.
final class ParameterGathering<Model: Classifier> {
  private let model: Model
  private let reducer: GradientReducer

  init(_ model: Model, _ reducer: GradientReducer) {
    self.model = model
    self.reducer = reducer
  }

  /// Begins to spread the rank's part of a bucket, which it has updated. Buckets that are started first
  /// travel first.
  func start(_ bucket: Int) throws {
    model.store.isComplete = false
    try reducer.startGathering(model.store.buffer, of: bucket)
  }

  /// Waits until a training pass may read the bucket.
  func finish(_ bucket: Int) throws {
    try reducer.finish(bucket)
  }

  /// Waits until all parameters are there.
  func finish() throws {
    try reducer.finish()
    model.store.isComplete = true
  }
}
