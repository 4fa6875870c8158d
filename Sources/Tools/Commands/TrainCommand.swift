// `ddp-train config.json`: from the command line to results.json.

import Collectives
import Configuration
import Foundation
import Kernels
import Reporting
import Runs
import Storage
import Training

/// Trains as a configuration says, on all ranks that were started.
public func runTraining(_ options: TrainOptions) throws {
  if !options.dryRun { StopRequest.listen() }
  try onAllRanks { communicator in
    setMatrixProductThreads(matrixProductThreadsWanted)
    try communicator.checkSameProgram()
    let configuration = try readConfiguration(options, communicator)
    try communicator.watch(limit: .seconds(configuration.training.ddpTimeout)) { death in
      "\(Program.name): error: \(death), so all others end; go on with --resume\n"
    }
    guard !options.dryRun else {
      _ = try plan(configuration, options.verbosity, communicator)
      return
    }
    try communicator.locking(directory: configuration.outputDirectory) {
      try train(configuration, options, communicator)
    }
  }
}

/// Reads the data, and prints what is about to be done.
private func plan(
  _ configuration: Configuration, _ verbosity: Verbosity, _ communicator: Communicator
) throws -> (run: any Run, audit: RunAudit?) {
  communicator.activity = "reading the data"
  let experiment = try Experiment(configuration, communicator)
  let run = try makeRun(experiment, communicator)
  let audit = communicator.isRoot ? RunAudit(experiment) : nil
  if let audit, verbosity != .quiet {
    print(run.plan(audit, verbosity).joined(separator: "\n"))
    // Into a file the text would otherwise come only after a long while.
    fflush(nil)
  }
  return (run, audit)
}

private func train(
  _ configuration: Configuration, _ options: TrainOptions, _ communicator: Communicator
) throws {
  let (existing, verbosity) = (options.existingRun, options.verbosity)
  try communicator.rootOnly { try checkOutput(configuration, existing) }
  let (run, audit) = try plan(configuration, verbosity, communicator)
  let outcome = try run.run(existing, audit, .screen(verbosity), pruning: nil)
  if case .stopped(let step) = outcome {
    throw Failure(.stopped, "stopped by a signal after step \(step); go on with --resume")
  }
}

/// Rank 0 reads the file, all decode the same text.
private func readConfiguration(
  _ options: TrainOptions, _ communicator: Communicator
) throws -> Configuration {
  var text: [UInt8] = []
  try communicator.rootOnly {
    text = try Configuration.bytes(of: options.configuration)
    if let note = Configuration.renamingNote(text: text, overrides: options.overrides) {
      printNote(note)
    }
  }
  let shared = String(decoding: try communicator.broadcast(text), as: UTF8.self)
  let stored = try storedConfiguration(options, text: shared, communicator)
  return try communicator.everyRank {
    let configuration = try Configuration(
      text: shared, source: options.configuration, overrides: options.overrides, stored: stored)
    try configuration.checkPrecision(source: options.configuration)
    return configuration
  }
}

/// What the run that is resumed was begun with, as its output_dir says; nil where there is none.
private func storedConfiguration(
  _ options: TrainOptions, text: String, _ communicator: Communicator
) throws -> JSONValue? {
  guard options.existingRun == .resume else { return nil }
  var found: [UInt8] = []
  try communicator.rootOnly {
    let given = try Configuration.json(
      Array(text.utf8), source: options.configuration, overrides: options.overrides)
    guard let output = given["output_dir"]?.string else { return }
    let path = RunDirectory(path: output).config
    if fileKind(path) != nil { found = try Configuration.bytes(of: path) }
  }
  found = try communicator.broadcast(found)
  return found.isEmpty ? nil : try communicator.everyRank { try JSONValue(parsing: found) }
}
