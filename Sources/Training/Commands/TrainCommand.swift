// `ddp-train config.json`: from the command line to results.json.

import Collectives
import Data
import Foundation
import Kernels
import Memory
import Models
import Objectives
import Storage

/// Trains as a configuration says, on all ranks that were started.
public func runTraining(_ options: TrainOptions) throws {
  try onAllRanks { communicator in
    let configuration = try readConfiguration(options, communicator)
    try communicator.watch(limit: .seconds(configuration.training.ddpTimeout)) { rank in
      "\(Program.name): error: \(rank) has died, so all others end; go on with --resume\n"
    }
    communicator.activity = "reading the data"
    setMatrixProductThreads(matrixProductThreadsWanted)
    if !options.dryRun { try communicator.rootOnly { try checkOutput(configuration, options) } }
    let experiment = try Experiment(configuration, communicator)
    let run = try TrainingRun(experiment, communicator)
    let audit = communicator.isRoot ? RunAudit(experiment) : nil
    if let audit { print(run.plan(audit).joined(separator: "\n")) }
    if !options.dryRun { try run.run(options.existingRun, audit) }
  }
}

/// Rank 0 reads the file, all decode the same text.
private func readConfiguration(
  _ options: TrainOptions, _ communicator: Communicator
) throws -> Configuration {
  var text: [UInt8] = []
  try communicator.rootOnly {
    text = try Configuration.bytes(of: options.configuration)
  }
  let shared = String(decoding: try communicator.broadcast(text), as: UTF8.self)
  return try communicator.everyRank {
    let configuration = try Configuration(
      text: shared, source: options.configuration, overrides: options.overrides)
    if let obstacle = configuration.training.precision.products.obstacle {
      throw ConfigurationError.invalid(
        source: options.configuration,
        problems: [ConfigurationProblem(key: "training.precision", message: obstacle)])
    }
    return configuration
  }
}

/// A run of the program on one experiment.
private struct TrainingRun {
  let experiment: Experiment
  let communicator: Communicator
  let model: BertClassifier
  let parts: LoadedParts

  init(_ experiment: Experiment, _ communicator: Communicator) throws {
    self.experiment = experiment
    self.communicator = communicator
    let settings = experiment.configuration
    (model, parts) = try communicator.everyRank {
      try experiment.source.model(
        labels: experiment.labels, longestRow: experiment.longestRow,
        precision: settings.training.precision.products,
        seed: UInt64(settings.training.seed),
        bias: settings.model.classifierBias.objective.values(
          loss: experiment.loss, counts: experiment.counts))
    }
  }

  /// What is about to be done, for the reader at the terminal.
  func plan(_ audit: RunAudit) -> [String] {
    RunPlan(
      experiment: experiment, audit: audit, parts: parts, layout: model.layout,
      memoryBytes: MemoryPlan(experiment, model, communicator).expectedBytes,
      ranks: communicator.worldSize
    ).lines
  }

  /// - Parameter audit: on rank 0.
  func run(_ existing: ExistingRun, _ audit: RunAudit?) throws {
    let settings = experiment.configuration
    let directory = RunDirectory(path: settings.outputDirectory)
    let point = try prepare(directory, existing)
    let log = RunLog(
      communicator.isRoot ? directory : nil, settings: settings.training,
      totalSteps: experiment.totalSteps)
    let trainer = try Trainer(
      experiment, model, communicator, log: log,
      save: SavedModel(experiment: experiment, model: model).write)
    if let point {
      try trainer.resume(from: point)
      try communicator.rootOnly { try log.resume(trainer.state) }
    } else {
      log.start(experiment)
    }
    // Only now: a resume that was refused leaves the old run's config as it was.
    try communicator.rootOnly {
      try experiment.configuration.resolved.write(to: directory.config)
      try audit?.json.write(to: directory.audit)
    }
    log.begin()
    let end = try trainer.run()
    log.finish()
    try conclude(trainer, end, directory, log)
  }

  /// Looks at what `output_dir` holds and makes it ready; the checkpoint to go on from, if any.
  private func prepare(_ directory: RunDirectory, _ existing: ExistingRun) throws -> ResumePoint? {
    var found: [UInt8] = []
    try communicator.rootOnly {
      if existing == .overwrite { try directory.overwrite() }
      try directory.prepare()
      if existing == .resume, let checkpoint = try newestCheckpoint(directory) {
        found = Array("\(checkpoint.step) \(checkpoint.path)".utf8)
      }
    }
    try communicator.everyRank {
      guard FileManager.default.fileExists(atPath: directory.checkpoints.directory) else {
        throw Failure(
          .inputOutput,
          "\(directory.path) is not to be seen on \(communicator.hostName): output_dir must lie on a "
            + "file system that all machines share")
      }
    }
    let parts = String(decoding: try communicator.broadcast(found), as: UTF8.self)
      .split(separator: " ", maxSplits: 1)
    guard parts.count == 2, let step = Int(parts[0]) else { return nil }
    return ResumePoint(step: step, path: String(parts[1]))
  }

  /// The checkpoint to resume from. Without one the run starts anew, unless that would cost
  /// something: a run that has ended, or checkpoints that are damaged.
  private func newestCheckpoint(_ directory: RunDirectory) throws -> Checkpoint? {
    let (checkpoint, damaged) = try directory.checkpoints.newestValid()
    for entry in damaged {
      printWarning(
        "checkpoint \(entry.name) is damaged and passed over: \(entry.reason)"
          + (entry.keptAs.map { "; kept as \($0)" } ?? ""))
    }
    guard checkpoint == nil else { return checkpoint }
    if !damaged.isEmpty || FileManager.default.fileExists(atPath: directory.results) {
      throw Failure(
        .badConfiguration,
        "\(directory.path): there is no valid checkpoint to resume from, but "
          + (damaged.isEmpty ? "a run that has ended" : "damaged ones")
          + "; start anew with --overwrite, or choose another output_dir")
    }
    try directory.overwrite()
    return nil
  }

  private func conclude(
    _ trainer: Trainer<BertClassifier>, _ end: RunEnd, _ directory: RunDirectory, _ log: RunLog
  ) throws {
    if end == .signaled {
      if let failure = trainer.checkpointing.failure { throw failure }
      throw Failure(
        .stopped,
        "stopped by a signal after step \(trainer.state.step); go on with --resume")
    }
    try trainer.checkpointing.restoreBest(log: log)
    let results = try FinalEvaluation(experiment, trainer.evaluator)
    try communicator.rootOnly {
      if let labels = results.labels { try PendingFile.write(labels.csv, to: directory.labels) }
      try results.json(trainer.state, end).write(to: directory.results)
    }
    let memory = try communicator.allGather(Array("\(peakMemoryBytes())".utf8))
      .map { (Int(String(decoding: $0, as: UTF8.self)) ?? 0) / 1_000_000 }
    log.append(
      "end",
      [
        "step": .integer(trainer.state.step), "reason": .string(end.rawValue),
        "peak_memory_mb": .array(memory.map { .integer($0) }),
      ], synchronize: true)
    if communicator.isRoot {
      print(results.summary(trainer.state, end, directory).joined(separator: "\n"))
    }
    if let failure = trainer.checkpointing.failure { throw failure }
  }
}

extension ModelSettings.BiasInitialization {
  fileprivate var objective: ClassifierBias {
    switch self {
    case .prior: .prior
    case .zero: .zero
    }
  }
}

extension TrainingSettings.Precision {
  fileprivate var products: ProductPrecision {
    switch self {
    case .fp32: .float32
    case .bf16: .bfloat16
    }
  }
}
