// A run of one experiment, from its output_dir to results.json; `train` makes one, `sweep` many.

import Collectives
import Kernels
import Models
import Objectives
import Report
import Reporting
import Storage
import Training

/// How a run ended.
package enum RunOutcome {
  /// With results.
  case done(RunEnd)
  /// By a signal, after a checkpoint of this step was saved.
  case stopped(step: Int)
}

/// A run that is ready to begin, whatever kind of model it trains.
package protocol Run {
  /// What is about to be done, for the reader at the terminal.
  func plan(_ audit: RunAudit, _ verbosity: Verbosity) -> [String]

  /// How fast this machine trains and evaluates the model, as the slowest rank has it. Collective.
  /// The run is of no use afterwards.
  func measureSpeed() throws -> RunSpeed

  /// Trains to the end and evaluates the best model.
  /// - Parameters:
  ///   - audit: on rank 0.
  ///   - pruning: ends the run if it falls behind others; nil never does.
  func run(
    _ existing: ExistingRun, _ audit: RunAudit?, _ console: Console, pruning: MedianPruning?
  ) throws -> RunOutcome
}

/// A run that trains the model of an experiment's source.
package func makeRun(_ experiment: Experiment, _ communicator: Communicator) throws -> any Run {
  func run(_ source: some ModelSource) throws -> any Run {
    try TrainingRun(experiment, source, communicator)
  }
  return try run(experiment.source)
}

/// A run with a model of `source`.
package struct TrainingRun<Source: ModelSource>: Run {
  let experiment: Experiment
  let source: Source
  let communicator: Communicator
  let model: Source.Model
  let parts: LoadedParts

  init(_ experiment: Experiment, _ source: Source, _ communicator: Communicator) throws {
    self.experiment = experiment
    self.source = source
    self.communicator = communicator
    (model, parts) = try communicator.everyRank { try source.model(for: experiment) }
  }

  package func plan(_ audit: RunAudit, _ verbosity: Verbosity) -> [String] {
    let plan = RunPlan(
      experiment: experiment, audit: audit, parts: parts,
      modelNotes: source.notes(parts), layout: model.layout,
      memoryBytes: MemoryPlan(experiment.task, model, communicator).expectedBytes
        + source.inputBytes(experiment),
      ranks: communicator.worldSize
    )
    return switch verbosity {
    case .quiet: []
    case .normal: StartScreen(plan: plan).lines
    case .verbose: plan.lines
    }
  }

  package func run(
    _ existing: ExistingRun, _ audit: RunAudit?, _ console: Console, pruning: MedianPruning?
  ) throws -> RunOutcome {
    let settings = experiment.configuration
    let directory = RunDirectory(path: settings.outputDirectory)
    let point = try prepare(directory, existing)
    let log = RunLog(
      communicator.isRoot ? directory : nil, settings: settings.training,
      totalSteps: experiment.task.totalSteps, console: console)
    log.lossUnit = experiment.task.loss.unit
    log.readsTokens = experiment.task.training.hasTokens
    let task = try source.prepared(experiment, for: model, communicator, log)
    let trainer = try Trainer(
      task, model, communicator, log: log,
      save: SavedModel(experiment: experiment, source: source, model: model).write)
    trainer.pruning = pruning
    if let point {
      try trainer.resume(from: point)
      try communicator.rootOnly { try log.resume(trainer.state) }
      try trainer.recall(evaluationsOf: directory)
    } else {
      log.start(task)
    }
    // Only now: a resume that was refused leaves the old run's config as it was.
    try communicator.rootOnly {
      try experiment.configuration.resolved.write(to: directory.config)
      try audit?.record.json.write(to: directory.audit)
      if let split = experiment.split {
        try PendingFile.write(split.csv(of: task.training), to: directory.splits)
      }
    }
    if experiment.configuration.reportTargets.contains(.tensorboard) {
      log.reportToTensorBoard {
        try TensorBoardLog(
          in: directory, resumingAfter: point.map { _ in trainer.state.step },
          hyperparameters: experiment.configuration.hyperparameters)
      }
    }
    log.begin()
    let end = try trainer.run()
    log.finish()
    return try conclude(trainer, end, directory, log, console)
  }

  private func conclude(
    _ trainer: Trainer<Source.Model>, _ end: RunEnd, _ directory: RunDirectory, _ log: RunLog,
    _ console: Console
  ) throws -> RunOutcome {
    // A signal that came after the last step leaves the last evaluation to the run that goes on.
    if try end == .signaled || !communicator.allHave(!StopRequest.isRaised) {
      if let failure = trainer.checkpointing.failure { throw failure }
      return .stopped(step: trainer.state.step)
    }
    try trainer.restoreBest()
    let results = try FinalEvaluation(FinalRows(trainer.task), trainer.evaluator)
    try communicator.rootOnly {
      // While the best model cannot be written, best/ holds an older one with its own thresholds.
      if trainer.checkpointing.failure == nil { try update(directory.best, by: results) }
      if let labels = results.labels { try PendingFile.write(labels.csv, to: directory.labels) }
      try JSONValue.object(results.record(trainer.state, end).object).write(to: directory.results)
    }
    log.toTensorBoard {
      try $0.addEnd(
        step: trainer.state.step, results: results.record(trainer.state, end),
        labelF1: results.labels?.lastF1 ?? [])
    }
    let memory = try communicator.allGather(peakMemoryBytes())
      .map { $0 / 1_000_000 }
    log.append(
      EndEvent {
        $0.step = trainer.state.step
        $0.reason = end
        $0.peakMemory = memory
      })
    if communicator.isRoot {
      let report = writeReport(
        in: directory, scores: results.scores,
        showsTexts: trainer.task.configuration.evaluation.reportExamples)
      if case .screen = console {
        print(
          (report?.endScreen ?? results.summary(trainer.state, end, directory))
            .joined(separator: "\n"))
      }
    }
    try communicator.rootOnly { try log.flush() }
    if let failure = trainer.checkpointing.failure { throw failure }
    return .done(end)
  }

  /// Lets the best model decide by what the configuration asks for: a run that goes on under
  /// another `evaluation.threshold` has written it under the former one.
  private func update(_ best: String, by results: FinalEvaluation) throws {
    guard let thresholds = results.thresholds, fileKind(best) == .directory else { return }
    let threshold = experiment.configuration.evaluation.threshold
    let decisions = SavedDecisions(
      thresholds, topK: threshold.topK, calibration: results.calibration)
    guard try decisions.write(to: best, labels: experiment.task.labels) else { return }
    printNote("\(best) decides by evaluation.threshold \(threshold.json.text()) from now on")
  }
}
