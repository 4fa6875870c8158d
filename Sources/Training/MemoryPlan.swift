// What a rank's memory will hold, worked out before training begins. docs/lab/performance.md, "Memory".

import Collectives
import Data
import Kernels
import Memory
import Models
import Objectives

/// Sizes of a rank's buffers.
package struct MemoryPlan<Model: Classifier> {
  private let task: TrainingTask
  private let model: Model
  private let ranks: Int
  /// Microbatches of a rank in a step.
  private let pieces: Int

  package init(_ task: TrainingTask, _ model: Model, _ communicator: Communicator) {
    self.task = task
    self.model = model
    ranks = communicator.worldSize
    pieces = task.configuration.training.microbatches / ranks
  }

  /// Address space for activations: enough for the worst step of any epoch, and for evaluations.
  var workspaceFloats: Int {
    let bound = task.plan.tokenBound
    let rows = min(
      task.configuration.training.batchSize, task.plan.rowsPerEpoch)
    // A microbatch's sizes are linear in tokens and in rows, but for rounding.
    let rounding = 64 * 64 * (pieces + 1)
    let training =
      pieces * model.passSize(tokens: bound, rows: 0) + model.passSize(tokens: 0, rows: rows)
      + model.temporarySize(tokens: bound, rows: rows)
    return max(training, evaluationFloats) + rounding
  }

  /// The most memory that the rank will have resident, in bytes: what it holds already (the
  /// program, its libraries, data, parameters), its buffers, the largest step of the first epoch,
  /// and an evaluation on top of them. Goes through all steps of an epoch.
  package var expectedBytes: Int {
    let extent = task.plan.extent(ofRank: 0, worldSize: ranks, overEpochs: 1)
    let step =
      model.passSize(
        tokens: extent.tokensOfStep, rows: task.configuration.training.batchSize / ranks)
      + model.temporarySize(tokens: extent.tokens, rows: extent.rows)
    let floats = trainingFloats(extent) + max(step, evaluationFloats)
    let coming =
      floats * MemoryLayout<Float>.size + shardedBytes + evaluationBytes + libraryBytes
    return max(peakMemoryBytes(), residentMemoryBytes() + coming)
  }

  /// Workspace of the largest piece of an evaluation.
  private var evaluationFloats: Int {
    let budget = task.configuration.evaluation.batchTokens
    return evaluated.map { dataset in
      let lengths = dataset.rowLengths
      return evaluationChunks(rowLengths: lengths, tokenBudget: budget).map { chunk in
        model.evaluationSize(tokens: lengths[chunk].reduce(0, +), rows: chunk.count)
      }.max() ?? 0
    }.max() ?? 0
  }

  private var evaluated: [Dataset] {
    [task.validation, task.test].compactMap { $0 }
  }

  /// Gradients, moments, rounded weights, and what exchanges and the sum of microbatches need.
  private func trainingFloats(_ extent: PlanExtent) -> Int {
    let trained = model.layout.trainedBuckets.map { model.layout.buckets[$0] }
    let dense = trained.filter { $0.kind == .dense }.map(\.range.count)
    let largest = dense.max() ?? 0
    let slots = ReductionTree(count: pieces).slotCount
    // Half of a bucket arrives in a round.
    let exchange = ranks > 1 ? largest : 0
    // Touched rows of the table: those of each slot, of a sum, and what arrives.
    let touched = trained.map { bucket -> Int in
      guard case .sparseRows(let rows, let columns) = bucket.kind else { return 0 }
      return min(rows, extent.tokens) * columns
    }.reduce(0, +)
    // AdamW's two moments, and the average of the weights.
    let sharded = task.configuration.training.averageDecay == nil ? 2 : 3
    return model.preparedSize + dense.reduce(0, +) + sharded
      * trained.reduce(0) { $0 + $1.range.count } / ranks
      + (slots - 1) * largest + exchange + (slots + (ranks > 1 ? 1 : 0)) * touched
  }

  private var shardedBytes: Int {
    model.shardedPart?.trainingBytes(
      ranks: ranks, rows: task.configuration.training.batchSize) ?? 0
  }

  /// The counters of the last evaluations, and the logits that one keeps for its second pass.
  private var evaluationBytes: Int {
    guard !evaluated.isEmpty else { return 0 }
    let labels = task.labels.count
    let hasIntervals = task.configuration.evaluation.confidenceIntervals
    let rows = evaluated.map(\.rowCount).max() ?? 0
    // About as many decided cells as true ones.
    let cells = evaluated.map { 2 * $0.labelIndices.values.count / ranks }.max() ?? 0
    let state = EvaluationState.byteCount(
      labels: labels, intervalRows: hasIntervals ? rows : 0, intervalCells: cells)
    let logits = evaluated.map { $0.rowCount / ranks * labels }.max() ?? 0
    let kept = logits <= Evaluator<Model>.keptFloats ? logits : 0
    return state + kept * MemoryLayout<Float>.size
  }

  /// What libraries take when they are first used: packing buffers of matrix
  /// products, MPI's messages.
  private var libraryBytes: Int { (ranks > 1 ? 24 : 16) << 20 }
}
