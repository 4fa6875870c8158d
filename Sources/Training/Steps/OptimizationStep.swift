// One update of all parameters, by all ranks together: gradients, their sum over ranks, clipping,
// AdamW on each rank's part, and the parameters back to all.

import Collectives
import Configuration
import Data
import Kernels
import Memory
import Models
import Objectives

/// Makes the updates of a run.
package final class OptimizationStep<Model: Classifier> {
  let optimizer: ShardedAdamW
  /// The moving average of the weights; nil where `ema_decay` asks for none.
  let average: WeightAverage?
  /// The training of the model's linear part; nil where it has none.
  let linear: LinearTraining?
  private let model: Model
  private let settings: TrainingSettings
  private let communicator: Communicator
  private let gradients: GradientComputation<Model>
  private let gathering: ParameterAllGather<Model>

  /// - Parameters:
  ///   - words: how the model's linear part is trained, where it has one.
  ///   - workspace: room for the activations of all of the rank's microbatches of a step.
  package init(
    _ model: Model, loss: any Loss, settings: TrainingSettings, words: LinearSettings? = nil,
    communicator: Communicator, workspace: Workspace
  ) throws {
    self.model = model
    self.settings = settings
    self.communicator = communicator
    linear = model.linear.flatMap { part in
      words.map { LinearTraining(part, $0, communicator, rows: settings.batchSize) }
    }
    gradients = GradientComputation(
      model: model, loss: loss,
      tree: try ReductionTree(microbatches: settings.microbatches, ranks: communicator.worldSize),
      queue: ExchangeQueue(communicator: communicator), workspace: workspace,
      linear: linear)
    // What is frozen has no shard, and so no moments and no average.
    let shards = model.layout.buckets.enumerated().map { [gradients] index, bucket in
      bucket.isFrozen
        ? bucket.range.lowerBound..<bucket.range.lowerBound : gradients.reducer.shard(of: index)
    }
    gathering = ParameterAllGather(model, gradients.reducer, table: gradients.table)
    optimizer = ShardedAdamW(layout: model.layout, shards: shards, settings: settings)
    average = settings.averageDecay.map {
      WeightAverage(of: model.parameters, shards: shards, decay: $0)
    }
  }

  /// One update; none where loss or gradient is no number, as the outcome then tells. Afterwards the
  /// parameters are on their way; `gatherParameters` waits for them.
  /// - Parameters:
  ///   - batches: this rank's microbatches.
  ///   - next: those of its next step, whose embeddings it then has; nil, on all ranks, if they are not
  ///     known, which makes all embeddings travel.
  ///   - words: what the linear part reads of all ranks' microbatches.
  ///   - rows: the rows of all ranks' microbatches.
  ///   - step: steps done before.
  ///   - skipped: those of them that updated nothing.
  ///   - factor: the schedule's, of the learning rates.
  ///   - requests: what this rank wants to happen afterwards.
  package func run(
    _ batches: [Batch], next: [Batch]? = nil, words: LinearInput? = nil, rows: Int, step: Int,
    skipped: Int = 0, factor: Double, requests: StopAndSaveRequests = StopAndSaveRequests(),
    times: inout StepTimes
  ) throws -> StepOutcome {
    let entries = Double(rows * model.labelCount)
    let key = RandomKey(seed: UInt64(settings.seed), step: step)
    let sentBefore = gradients.reducer.queue.statistics.bytesSent
    defer { times.bytesSent += gradients.reducer.queue.statistics.bytesSent - sentBefore }
    times.begin(.data)
    if let next { try gathering.ask(for: next) }
    let local = try gradients.run(
      batches, at: key, scale: Float(1 / entries), words: words, gathering: gathering,
      times: &times)
    times.begin(.wait)
    let touched = try gradients.finish()
    times.begin(.optimizer)
    var norm = optimizer.squaredNorm(gradients.gradients, rows: touched)
    if let linear { norm.merge(linear.squaredNorm()) }
    times.begin(.wait)
    let totals = try StepTotals(
      loss: local.sum, squaredNorm: norm, tokens: local.tokens, requests: requests
    ).summed(over: communicator)
    let figures = StepMetrics(
      loss: totals.loss.value / entries, gradientNorm: totals.squaredNorm.value.squareRoot(),
      factor: factor)
    guard figures.isFinite else {
      let reports = gradients.reports(in: batches, at: key, scale: Float(1 / entries))
      linear?.discard()
      try gatherUnchanged()
      return StepOutcome(figures: figures, totals: totals, nonFiniteReports: reports)
    }
    try update(touched, number: step + 1 - skipped, figures, &times)
    return StepOutcome(figures: figures, totals: totals, nonFiniteReports: nil)
  }

  /// A step that updates nothing gives the others what they have asked for all the same.
  private func gatherUnchanged() throws {
    for bucket in model.layout.trainedBuckets { try gathering.start(bucket) }
  }

  /// A bucket that is updated travels to the other ranks while the next one is, and while the next
  /// step computes.
  private func update(
    _ touched: SparseRows, number: Int, _ figures: StepMetrics, _ times: inout StepTimes
  ) throws {
    let clipping = figures.clipping(to: settings.maxGradientNorm)
    for bucket in model.layout.trainedBuckets {
      times.begin(.optimizer)
      optimizer.update(
        bucket: bucket, of: model.store.buffer, gradients.gradients, rows: touched,
        number: number, factor: figures.factor, gradientScale: clipping)
      times.begin(.wait)
      try gathering.start(bucket)
    }
    times.begin(.optimizer)
    linear?.update(factor: figures.factor, gradientScale: clipping)
    average?.update(with: model.store.buffer, number: number)
  }

  /// Waits until this rank has all parameters as the last update left them. To be called, by all
  /// ranks, before anything but the next step reads the model; what reads it without ends the program.
  package func gatherParameters() throws {
    try gathering.finish()
    try linear?.gather()
  }

  /// Runs something with all parameters gathered, and with the averaged weights, where there are any,
  /// in place of the raw ones.
  package func withAveragedWeights<Result>(_ body: () throws -> Result) throws -> Result {
    try gatherParameters()
    guard let average else { return try body() }
    try exchange(average)
    let result = try body()
    try exchange(average)
    return result
  }

  private func exchange(_ average: WeightAverage) throws {
    average.exchange(with: model.parameters)
    try gatherUnchanged()
    try gatherParameters()
  }
}
