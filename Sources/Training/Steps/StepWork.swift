// What an update takes, and what becomes of it.

import Data
import Kernels
import Memory
import Models

/// What one update of the parameters takes.
package struct StepWork {
  /// The rows.
  package let batch: StepBatch
  /// What comes after.
  package let next: NextStep
  /// Steps done before.
  package let number: Int
  /// Those of them that updated nothing.
  package let skipped: Int
  /// The schedule's factor of the learning rates.
  package let factor: Double

  /// See the properties.
  package init(
    _ batch: StepBatch, next: NextStep, number: Int, skipped: Int = 0, factor: Double
  ) {
    self.batch = batch
    self.next = next
    self.number = number
    self.skipped = skipped
    self.factor = factor
  }

  /// What a rank knows of its next step; all ranks know it, or none.
  package enum NextStep {
    /// Its microbatches: of the table of embeddings, the rank then gets the rows that these name.
    case known([Batch])
    /// The whole table travels.
    case unknown
  }
}

/// The sums of a step's gradients over all ranks, of which a rank has its shards.
struct StepGradients {
  /// In the layout of the parameters.
  let dense: Vector<Float>
  /// The rows of the table of embeddings that the step touched.
  let rows: SparseRows
}

/// By how much an update moves the parameters.
struct UpdateScale {
  /// The number of the update, from 1.
  let number: Int
  /// The schedule's factor of the learning rates.
  let factor: Double
  /// What clipping multiplies the gradients by.
  let gradientScale: Float
}
