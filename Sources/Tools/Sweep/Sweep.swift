// The runs of a sweep, one after another on all ranks.

import Collectives
import Foundation
import Objectives
import Reporting
import Runs
import Storage
import Training

/// Runs the variants of a plan and keeps the record.
final class Sweep {
  private let options: SweepOptions
  private let plan: SweepPlan
  private let communicator: Communicator
  private let directory: SweepDirectory
  private let inputs = SharedInputs()
  private var record: SweepRecord
  /// The metric at each evaluation of each variant that has ended, by number.
  private var histories: [Int: [Double]] = [:]

  init(_ plan: SweepPlan, _ options: SweepOptions, _ communicator: Communicator) {
    self.options = options
    self.plan = plan
    self.communicator = communicator
    directory = SweepDirectory(path: plan.directory)
    record = SweepRecord(plan, metric: MetricName(parsing: options.metric))
  }

  /// Makes every variant's experiment once, so that whatever is wrong with one is known before the
  /// first begins. Afterwards data and tokenizers are in memory.
  func check() throws {
    for variant in plan.variants {
      let experiment = try Experiment(variant.configuration, communicator, inputs: inputs)
      guard experiment.task.validation != nil else {
        throw Failure(
          .badConfiguration,
          "\(variant.name): there are no validation rows to compare variants by; give "
            + "data.validation, or a data.validation_fraction greater than 0")
      }
      try record.metric.check(
        among: Evaluation.metricNames(
          counts: experiment.task.counts, topK: variant.configuration.evaluation.topK))
      record.variants[variant.number - 1].data = experiment.task.fingerprint
    }
  }

  /// Runs what is not done yet, and reports.
  func run() throws {
    try open()
    for variant in plan.variants {
      if record.variants[variant.number - 1].state.isDone {
        if communicator.isRoot { announce(line(variant) + " (before)") }
      } else {
        try run(variant)
      }
      try communicator.rootOnly { try directory.removeCheckpoints(of: variant) }
    }
    try communicator.rootOnly {
      try directory.write(record, finally: true)
      print("\n" + SweepTable(record: record).lines.joined(separator: "\n"))
      guard let best = record.ranking.first else { return }
      print("best: \(plan.directory)/\(best.name)    its config: \(directory.bestConfiguration)")
    }
    if record.ranking.isEmpty { throw Failure(.diverged, "every variant of the sweep diverged") }
  }

  /// Takes over the record of an earlier start, the same on every rank.
  private func open() throws {
    var found: [UInt8] = []
    try communicator.rootOnly {
      if options.overwrites { try directory.overwrite() }
      try directory.prepare()
      found = try directory.storedRecord()
    }
    found = try communicator.broadcast(found)
    if !found.isEmpty {
      let fresh = record
      try communicator.everyRank {
        try record.take(JSONValue(parsing: found), path: directory.record)
        for (variant, (old, new)) in zip(plan.variants, zip(record.variants, fresh.variants))
        where old.data != new.data {
          throw Failure(
            .badConfiguration,
            "\(plan.directory)/\(variant.name): the data, its labels or the tokenizer have changed "
              + "since the sweep was begun. Set them back, or start anew by --overwrite")
        }
      }
    }
    try communicator.rootOnly { try directory.write(record) }
  }

  private func run(_ variant: SweepVariant) throws {
    let start = ContinuousClock.now
    var entry = record.variants[variant.number - 1]
    do {
      if let end = try end(of: variant) {
        entry.state = VariantState(end)
        return try note(entry, of: variant)
      }
      guard try communicator.allHave(!StopRequest.isRaised) else { throw stopped(variant) }
      let experiment = try Experiment(
        variant.configuration.resuming(communicator), communicator, inputs: inputs)
      let run = try makeRun(experiment, communicator)
      let audit = communicator.isRoot ? RunAudit(experiment) : nil
      let pruning = try pruning(variant)
      let outcome = try communicator.locking(directory: variant.configuration.outputDirectory) {
        try run.run(.resume, audit, .line(place(variant)), pruning: pruning)
      }
      switch outcome {
      case .done(let end): entry.state = VariantState(end)
      case .stopped: entry.state = .stopped
      }
    } catch  where isMetByAll(error) && Failure(error).exitCode == .diverged {
      entry.state = .diverged
      entry.failure = Failure(error).message
    }
    entry.seconds += (ContinuousClock.now - start) / .seconds(1)
    try note(entry, of: variant)
    if entry.state == .stopped { throw stopped(variant) }
  }

  /// How the variant ended where it did so just before an earlier start was killed.
  private func end(of variant: SweepVariant) throws -> RunEnd? {
    var name = ""
    try communicator.rootOnly { name = try directory.end(of: variant)?.rawValue ?? "" }
    return RunEnd(rawValue: try communicator.broadcast(name))
  }

  private func note(_ entry: VariantRecord, of variant: SweepVariant) throws {
    var entry = entry
    if entry.state.isDone, entry.state != .diverged {
      var text: [UInt8] = []
      try communicator.rootOnly { text = try directory.results(of: variant) }
      entry.results = try JSONValue(parsing: communicator.broadcast(text)).object
        .flatMap(RunResults.init)
    }
    record.variants[variant.number - 1] = entry
    try communicator.rootOnly {
      try directory.write(record)
      if entry.state != .stopped { announce(line(variant)) }
    }
  }

  private func stopped(_ variant: SweepVariant) -> Failure {
    Failure(
      .stopped,
      "stopped by a signal at variant \(variant.number) of \(plan.variants.count); the same command "
        + "goes on")
  }

  /// What a variant is compared with: those before it. They have ended whenever this one begins or
  /// goes on, so that an interruption changes no decision.
  private func pruning(_ variant: SweepVariant) throws -> MedianPruning? {
    guard let grace = options.pruneAfter else { return nil }
    var others: [[Double]] = []
    for other in plan.variants.prefix(variant.number - 1)
    where record.variants[other.number - 1].state != .diverged {
      let history =
        try histories[other.number]
        ?? communicator.evaluations(of: record.metric, in: directory.run(other))
      histories[other.number] = history
      others.append(history)
    }
    return MedianPruning(
      metric: record.metric, grace: grace, others: others)
  }

  private func place(_ variant: SweepVariant) -> String {
    "[\(variant.number)/\(plan.variants.count)]"
  }

  /// A variant that has ended, in a line.
  private func line(_ variant: SweepVariant) -> String {
    let entry = record.variants[variant.number - 1]
    let figure = entry.results?.validation?[record.metric].map {
      "\(record.metric) \(fixed($0, digits: 4)), "
    }
    return "\(place(variant)) \(variant.description): \(figure ?? "")\(entry.state.rawValue), "
      + duration(entry.seconds)
  }
}

/// Prints at once, also into a pipe, which `mpirun` makes of the output.
private func announce(_ line: String) {
  print(line)
  fflush(nil)
}

extension VariantState {
  fileprivate init(_ end: RunEnd) {
    switch end {
    case .finished: self = .finished
    case .stoppedEarly: self = .stoppedEarly
    case .pruned: self = .pruned
    case .signaled: self = .stopped
    }
  }
}
