// The rows of a run's steps, made a step ahead: a rank must know early which embeddings
// it will read.

import Collectives
import Data

/// Makes the batches of steps in their order, each once.
final class BatchSource {
  private let plan: BatchPlan
  private let dataset: Dataset
  private let communicator: Communicator
  /// Those made last, by step: the present step and the next.
  private var made: [(step: Int, batch: StepBatch)] = []

  init(_ plan: BatchPlan, _ dataset: Dataset, _ communicator: Communicator) {
    self.plan = plan
    self.dataset = dataset
    self.communicator = communicator
  }

  /// What step `step` (from 0) of the run takes.
  func batch(ofStep step: Int) -> StepBatch {
    if let found = made.first(where: { $0.step == step }) { return found.batch }
    let rows = plan.step(epoch: step / plan.stepsPerEpoch, index: step % plan.stepsPerEpoch)
    let mine = ReductionTree.microbatches(
      rows.count, ofRank: communicator.rank, ranks: communicator.worldSize)
    let batch = StepBatch(
      microbatches: mine.map { Batch(dataset, rows: rows[$0]) }, microbatchSizes: rows.map(\.count),
      unknownCellCount: dataset.unknownCellCount(of: rows.lazy.joined()),
      tfidf: dataset.tfidf(rows.flatMap { $0 }))
    made = Array(made.suffix(1)) + [(step, batch)]
    return batch
  }
}
