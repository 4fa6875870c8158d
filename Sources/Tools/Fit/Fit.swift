// The runs of a fit, one after another on all ranks: a linear model, an encoder, and what is best
// made of them.

import Collectives
import Configuration
import Foundation
import Objectives
import Reporting
import Runs
import Storage
import Training

/// Makes the best model of labeled rows within a number of minutes.
final class Fit {
  private let plan: FitPlan
  private let communicator: Communicator
  private let inputs = SharedInputs()
  private let start = ContinuousClock.now
  private var record = FitRecord()
  /// Seconds of earlier starts.
  private var earlierSeconds = 0.0

  private var options: FitOptions { plan.options }
  private var directory: FitDirectory { plan.directory }

  init(_ plan: FitPlan, _ communicator: Communicator) {
    self.plan = plan
    self.communicator = communicator
  }

  /// Trains all that there is time for, and writes the result.
  func run() throws {
    try open()
    let linear = try run(plan.linear(), in: directory.linear, "linear model")
    var candidates = [FitCandidate(kind: .linear, results: linear, model: directory.linear.best)]
    if let effort = try effort() {
      let encoder = try run(plan.encoder(effort), in: directory.encoder, "encoder")
      candidates.append(
        FitCandidate(kind: .encoder, results: encoder, model: directory.encoder.best))
      communicator.activity = "the ensemble"
      let ensemble = try FitEnsemble(plan, effort, communicator, inputs)
      candidates.append(try ensemble.candidate(results: encoder))
    }
    try conclude(candidates)
  }

  // MARK: - The beginning

  /// Begins a record, or takes over that of an earlier start.
  private func open() throws {
    var found: [UInt8] = []
    try communicator.rootOnly {
      try makeDirectories(directory.path)
      if fileKind(directory.record) != nil {
        guard options.resumes else {
          throw Failure(
            .badConfiguration,
            "\(directory.path) already holds a fit: go on with it by --resume, or choose another "
              + "--output")
        }
        found = Array(try JSONValue(contentsOf: directory.record).text().utf8)
      } else if directory.result.holdsRun {
        throw Failure(
          .badConfiguration, "\(directory.path) already holds a run; choose another --output")
      }
    }
    found = try communicator.broadcast(found)
    record.program = "\(Program.name) \(Program.version)"
    record.data = options.data
    record.goal = options.goal.rawValue
    record.minutes = options.minutes
    guard !found.isEmpty else { return try write() }
    try communicator.everyRank {
      guard let old = try JSONValue(parsing: found).object.flatMap(FitRecord.init) else {
        throw StorageError(.malformed, directory.record, "is not the record of a fit")
      }
      guard old.data == record.data, old.goal == record.goal else {
        throw Failure(
          .badConfiguration,
          "\(directory.path): was begun for \(old.data) and \(old.goal); set them back to resume, or "
            + "choose another --output")
      }
      earlierSeconds = old.seconds
      record = old
    }
  }

  /// Writes the record with the time that was used.
  private func write() throws {
    record.seconds = earlierSeconds + (try elapsed())
    try communicator.rootOnly {
      try JSONValue.object(record.object).write(to: directory.record)
    }
  }

  /// Seconds of this start, as rank 0 has them.
  private func elapsed() throws -> Double {
    try communicator.broadcast((ContinuousClock.now - start) / .seconds(1))
  }

  // MARK: - The runs

  /// Trains by a configuration, or takes over the results of a run that has ended.
  private func run(
    _ configuration: Configuration, in directory: RunDirectory, _ name: String
  ) throws -> RunResults {
    communicator.activity = "the \(name)"
    if let results = try finished(configuration, directory) { return results }
    guard try communicator.allHave(!StopRequest.isRaised) else { throw stopped() }
    say("")
    say("Training the \(name): \(directory.path)")
    let experiment = try Experiment(
      configuration.resuming(communicator), communicator, inputs: inputs)
    let run = try makeRun(experiment, communicator)
    let audit = communicator.isRoot ? RunAudit(experiment) : nil
    let outcome = try run.run(.resume, audit, .screen(.normal), pruning: nil)
    try write()
    guard case .done = outcome, let results = try finished(configuration, directory) else {
      throw stopped()
    }
    return results
  }

  /// The results of a run of this very configuration; nil where it has not ended.
  private func finished(
    _ configuration: Configuration, _ directory: RunDirectory
  ) throws -> RunResults? {
    var text: [UInt8] = []
    try communicator.rootOnly {
      guard fileKind(directory.results) != nil, fileKind(directory.config) != nil,
        configuration.chosen(by: try JSONValue(contentsOf: directory.config)) != nil
      else { return }
      text = Array(try JSONValue(contentsOf: directory.results).text().utf8)
    }
    text = try communicator.broadcast(text)
    return text.isEmpty
      ? nil
      : try communicator.everyRank {
        try JSONValue(parsing: text).object.flatMap(RunResults.init)
      }
  }

  private func stopped() -> Failure {
    Failure(.stopped, "stopped by a signal; the same command with --resume goes on")
  }

  // MARK: - The time

  /// How long the encoder is trained: as an earlier start has decided, else by the speed that is
  /// measured.
  private func effort() throws -> EncoderEffort? {
    if let effort = record.effort { return effort }
    guard let encoder = plan.encoder else {
      say(
        "No encoder is there: ./launch/get-encoder gets one, or "
          + "pip install \"ddp-train[encoder]\". The linear model is all.")
      return nil
    }
    let longest = try communicator.everyRank { try plan.longestRow() ?? 0 }
    communicator.activity = "measuring the speed"
    let whole = try Experiment(
      plan.encoder(EncoderEffort(maxLength: longest, epochs: 1)), communicator, inputs: inputs)
    func lengths(_ keyPath: KeyPath<TrainingTask, [Int]>) -> [Int] { whole.task[keyPath: keyPath] }
    let training = lengths(\.trainingLengths)
    let speed = try measureSpeed(training, longest: longest)
    let budget = EncoderBudget(
      training: training, validation: lengths(\.validationLengths), test: lengths(\.testLengths),
      speed: speed, seconds: options.minutes * 60 - earlierSeconds - (try elapsed()))
    let effort = try communicator.everyRank { budget.effort(longest: longest) }
    guard let effort else {
      say("There is no time for an encoder: give more --minutes. The linear model is all.")
      return nil
    }
    (record.encoder, record.trainingRate) = (encoder, speed.trainingTokensPerSecond.rounded())
    (record.maxLength, record.epochs) = (effort.maxLength, effort.epochs)
    try write()
    say(
      "The encoder reads \(effort.maxLength) tokens of a text, \(significant(effort.epochs)) epochs, as "
        + "\(grouped(speed.trainingTokensPerSecond)) tokens a second allow.")
    return effort
  }

  /// Measured on texts that are cut where most end, at 128 tokens at most.
  private func measureSpeed(_ lengths: [Int], longest: Int) throws -> RunSpeed {
    let most = lengths.sorted()[lengths.count * 9 / 10]
    let length = [32, 64].first { $0 >= most } ?? 128
    let configuration = try plan.encoder(
      EncoderEffort(maxLength: min(length, longest), epochs: 1))
    let experiment = try Experiment(configuration, communicator, inputs: inputs)
    return try makeRun(experiment, communicator).measureSpeed()
  }

  // MARK: - The end

  /// Takes the best candidate, and says what came out.
  private func conclude(_ candidates: [FitCandidate]) throws {
    let best = candidates.reduce(candidates[0]) { best, next in
      next.value(of: options.goal) > best.value(of: options.goal) ? next : best
    }
    record.chosen = best.kind.rawValue
    try write()
    try communicator.rootOnly {
      try best.publish(in: directory)
      let summary = FitSummary(
        candidates: candidates, best: best, options: options, directory: directory,
        seconds: record.seconds)
      print(summary.lines.joined(separator: "\n"))
    }
  }

  private func say(_ line: String) {
    guard communicator.isRoot else { return }
    print(line)
    fflush(nil)
  }
}
