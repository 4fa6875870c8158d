// One update of all parameters, by all ranks together: gradients, their sum over ranks, clipping,
// AdamW on each rank's part, and the parameters back to all.

import Collectives
import Data
import Kernels
import Memory
import Models
import Objectives

/// Makes the updates of a run.
package final class OptimizationStep<Model: Classifier> {
  let optimizer: ShardedAdamW
  private let model: Model
  private let settings: TrainingSettings
  private let communicator: Communicator
  private let gradients: GradientComputation<Model>

  /// - Parameter workspace: room for the activations of all of the rank's microbatches of a step.
  package init(
    _ model: Model, loss: any Loss, settings: TrainingSettings, communicator: Communicator,
    workspace: Workspace
  ) throws {
    self.model = model
    self.settings = settings
    self.communicator = communicator
    gradients = GradientComputation(
      model: model, loss: loss,
      tree: try LocalTree(microbatches: settings.microbatches, ranks: communicator.worldSize),
      queue: ExchangeQueue(communicator: communicator), workspace: workspace)
    optimizer = ShardedAdamW(
      layout: model.layout,
      shards: model.layout.buckets.indices.map(gradients.reducer.shard), settings: settings)
  }

  /// One update. Throws `Divergence`, before anything is changed, where loss or gradient is no
  /// number.
  /// - Parameters:
  ///   - batches: this rank's microbatches.
  ///   - rows: the rows of all ranks' microbatches.
  ///   - step: updates done before.
  ///   - factor: the schedule's, of the learning rates.
  ///   - wishes: what this rank wants to happen afterwards.
  package func run(
    _ batches: [Batch], rows: Int, step: Int, factor: Double, wishes: StepWishes = StepWishes(),
    times: inout StepTimes
  ) throws -> (figures: StepFigures, totals: StepTotals) {
    let entries = Double(rows * model.labelCount)
    let local = try gradients.run(
      batches, at: TrainingMoment(seed: UInt64(settings.seed), step: step),
      scale: Float(1 / entries), times: &times)
    times.begin(.wait)
    let touched = try gradients.finish()
    times.begin(.optimizer)
    let norm = optimizer.squaredNorm(gradients.gradients, rows: touched)
    times.begin(.wait)
    let totals = try StepTotals(
      loss: local.sum, squaredNorm: norm, tokens: local.tokens, wishes: wishes
    ).summed(over: communicator)
    let figures = StepFigures(
      loss: totals.loss.value / entries, gradientNorm: totals.squaredNorm.value.squareRoot(),
      factor: factor)
    guard figures.isFinite else { throw Divergence(step: step + 1, figures) }
    try update(touched, number: step + 1, figures, &times)
    return (figures, totals)
  }

  /// A bucket that is updated travels to the other ranks while the next one is.
  private func update(
    _ touched: SparseRows, number: Int, _ figures: StepFigures, _ times: inout StepTimes
  ) throws {
    let clipping = figures.clipping(to: settings.maxGradientNorm)
    for bucket in model.layout.buckets.indices {
      times.begin(.optimizer)
      optimizer.update(
        bucket: bucket, of: model.parameters, gradients.gradients, rows: touched, number: number,
        factor: figures.factor, gradientScale: clipping)
      times.begin(.wait)
      try gradients.reducer.startGathering(model.parameters, of: bucket)
    }
    try gradients.reducer.finish()
  }
}
