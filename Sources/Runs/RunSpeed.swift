// How long a run will take, by what its first steps took.

import Collectives
import Reporting
import Training

/// The speed of a model on the rows of a run, all ranks together.
package struct RunSpeed: Equatable {
  /// Tokens that are trained on in a second, the exchange of gradients included.
  package let trainingTokensPerSecond: Double
  /// Tokens that are evaluated in a second.
  package let evaluationTokensPerSecond: Double

  /// Steps that are taken, and those at the beginning that do not count: memory is touched there
  /// for the first time.
  private static let steps = 8
  private static let warmUp = 2
  /// Rows that are evaluated.
  private static let rows = 64

  /// Trains and evaluates a little.
  init<Model>(_ trainer: Trainer<Model>, _ communicator: Communicator) throws {
    let steps = try trainer.measureSteps(Self.steps).dropFirst(Self.warmUp)
    let rates = steps.map { Double($0.tokens) / max($0.seconds, 1e-9) }.sorted()
    let slowest = { (rate: Double) in try communicator.allGather(rate).min() ?? rate }
    trainingTokensPerSecond = try slowest(rates.isEmpty ? 0 : rates[rates.count / 2])
    let task = trainer.task
    let rows = (task.validation ?? task.training).subset(
      Array(0..<min(Self.rows, (task.validation ?? task.training).rowCount)))
    // The first pass touches its memory.
    var seconds = 0.0
    for _ in 0..<2 {
      let start = ContinuousClock.now
      _ = try trainer.evaluator.evaluate(rows) { _ in [] }
      seconds = (ContinuousClock.now - start) / .seconds(1)
    }
    let tokens = rows.rowLengths.reduce(0, +)
    evaluationTokensPerSecond = try slowest(Double(tokens) / max(seconds, 1e-9))
  }
}

extension TrainingRun {
  package func measureSpeed() throws -> RunSpeed {
    let log = RunLog(
      nil, settings: experiment.configuration.training, totalSteps: experiment.task.totalSteps)
    let task = try source.prepared(experiment, for: model, communicator, log)
    let trainer = try Trainer(
      task, model, communicator, log: log,
      save: SavedModel(experiment: experiment, source: source, model: model).write)
    return try RunSpeed(trainer, communicator)
  }
}
