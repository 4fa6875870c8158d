// One update of all parameters, by all ranks together: gradients, their sum over ranks, clipping,
// AdamW on each rank's part, and the parameters back to all.

import Collectives
import Configuration
import Memory
import Models
import Objectives

/// Makes the updates of a run.
package final class OptimizationStep<Model: Classifier> {
  let optimizer: ShardedAdamW
  /// The moving average of the weights; nil if `ema_decay` asks for none.
  let average: WeightAverage?
  let model: Model
  private let settings: TrainingSettings
  private let communicator: Communicator
  private let gradients: GradientComputation<Model>
  private let gathering: ParameterAllGather<Model>

  /// - Parameter workspace: room for the activations of all of the rank's microbatches of a step.
  package init(
    _ model: Model, loss: any Loss, settings: TrainingSettings, communicator: Communicator,
    workspace: Workspace
  ) throws {
    self.model = model
    self.settings = settings
    self.communicator = communicator
    model.shardedPart?.beginTraining(communicator, rows: settings.batchSize)
    gradients = GradientComputation(
      model: model, loss: loss,
      tree: try ReductionTree(microbatches: settings.microbatches, ranks: communicator.worldSize),
      queue: ExchangeQueue(communicator: communicator), workspace: workspace)
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

  /// One update; none if loss or gradient is not finite, as the outcome then tells. Afterwards
  /// the parameters are on their way; `gatherParameters` waits for them.
  package func run(_ work: StepWork, times: inout StepTimes) throws -> StepOutcome {
    let key = RandomKey(seed: UInt64(settings.seed), step: work.number)
    let sentBefore = gradients.reducer.queue.statistics.bytesSent
    defer { times.bytesSent += gradients.reducer.queue.statistics.bytesSent - sentBefore }
    times.begin(.data)
    if case .known(let next) = work.next { try gathering.ask(for: next) }
    let local = try gradients.run(work.batch, at: key, gathering: gathering, times: &times)
    times.begin(.wait)
    let sums = try gradients.finish()
    times.begin(.optimizer)
    var norm = optimizer.squaredNorm(sums)
    if let part = model.shardedPart { norm.merge(part.squaredNorm()) }
    times.begin(.wait)
    let totals = try StepTotals(loss: local.sum, squaredNorm: norm, tokens: local.tokens)
      .summed(over: communicator)
    let figures = StepMetrics(
      loss: totals.loss.value
        / Double(max(work.batch.knownCellCount(labels: model.labelCount), 1)),
      gradientNorm: totals.squaredNorm.value.squareRoot(), factor: work.factor)
    guard figures.isFinite else {
      let reports = gradients.reports(in: work.batch, at: key)
      model.shardedPart?.discardGradient()
      try gatherUnchanged()
      return StepOutcome(figures: figures, totals: totals, nonFiniteReports: reports)
    }
    let scale = UpdateScale(
      number: work.number + 1 - work.skipped, factor: work.factor,
      gradientScale: figures.clipping(to: settings.maxGradientNorm))
    try update(by: sums, scale, &times)
    return StepOutcome(figures: figures, totals: totals, nonFiniteReports: nil)
  }

  /// A step that updates nothing gives the others what they have asked for all the same.
  private func gatherUnchanged() throws {
    for bucket in model.layout.trainedBuckets { try gathering.start(bucket) }
  }

  /// A bucket that is updated travels to the other ranks while the next one is, and while the next
  /// step computes.
  private func update(
    by gradients: StepGradients, _ scale: UpdateScale, _ times: inout StepTimes
  ) throws {
    for bucket in model.layout.trainedBuckets {
      times.begin(.optimizer)
      optimizer.update(bucket: bucket, of: model.store.buffer, by: gradients, scale)
      times.begin(.wait)
      try gathering.start(bucket)
    }
    times.begin(.optimizer)
    model.shardedPart?.update(factor: scale.factor, gradientScale: scale.gradientScale)
    average?.update(with: model.store.buffer, number: scale.number)
  }

  /// Waits until this rank has all parameters as the last update left them. To be called, by all
  /// ranks, before anything but the next step reads the model; what reads it without
  /// ends the program.
  package func gatherParameters() throws {
    try gathering.finish()
    try model.shardedPart?.gather()
  }

  /// Runs something with all parameters gathered, and with the averaged weights, if there are
  /// any, in place of the raw ones.
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
