// The rows of a run's steps, made a step ahead: a rank must know early which embeddings it will read.

import Collectives
import Data

/// What one step takes.
struct StepBatches {
  /// The rank's microbatches.
  let batches: [Batch]
  /// Rows of all ranks' microbatches.
  let rows: Int
  /// What a linear part reads of them; nil where words are not read.
  let linear: LinearInput?
}

/// Makes the batches of steps in their order, each once.
final class BatchSource {
  private let plan: BatchPlan
  private let dataset: Dataset
  private let communicator: Communicator
  /// Those made last, by step: the present step and the next.
  private var made: [(step: Int, batches: StepBatches)] = []

  init(_ plan: BatchPlan, _ dataset: Dataset, _ communicator: Communicator) {
    self.plan = plan
    self.dataset = dataset
    self.communicator = communicator
  }

  /// What step `step` (from 0) of the run takes.
  func batches(ofStep step: Int) -> StepBatches {
    if let found = made.first(where: { $0.step == step }) { return found.batches }
    let rows = plan.step(epoch: step / plan.stepsPerEpoch, index: step % plan.stepsPerEpoch)
    let mine = ReductionTree.microbatches(
      rows.count, ofRank: communicator.rank, ranks: communicator.worldSize)
    let batches = StepBatches(
      batches: mine.map { Batch(dataset, rows: rows[$0]) },
      rows: rows.reduce(0) { $0 + $1.count },
      linear: dataset.wordFeatures(rows.flatMap { $0 }).map {
        LinearInput(features: $0, microbatchSizes: rows.map(\.count))
      })
    made = Array(made.suffix(1)) + [(step, batches)]
    return batches
  }
}
