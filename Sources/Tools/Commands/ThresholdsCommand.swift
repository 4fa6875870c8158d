// `ddp-train thresholds`: other decisions of a trained model, without training.

import Collectives
import Configuration
import Data
import Kernels
import Models
import Objectives
import Reporting
import Runs
import Storage
import Training

/// Tunes thresholds on validation rows, and writes them into the saved model and what the run
/// reports.
public func runThresholds(_ options: ThresholdsOptions) throws {
  try onAllRanks { communicator in
    setMatrixProductThreads(matrixProductThreadsWanted)
    let run = try communicator.everyRank { try ComparedRun(path: options.model) }
    func change() throws {
      let decision = try NewDecisions(run, options, communicator)
      try communicator.rootOnly { try decision.write() }
    }
    if run.configuration == nil {
      try communicator.locking(place: run.model, change)
    } else {
      try communicator.locking(directory: run.path, change)
    }
  }
}

/// What a model decides from now on, and what comes of it.
private struct NewDecisions {
  private let run: ComparedRun
  private let threshold: EvaluationSettings.Threshold
  private let labels: [String]
  private let evaluation: FinalEvaluation
  /// Of a run that has ended; nil for a saved model alone.
  private let results: RunResults?

  /// Evaluates the model. Collective.
  init(
    _ run: ComparedRun, _ options: ThresholdsOptions, _ communicator: Communicator
  ) throws {
    (self.run, threshold) = (run, options.threshold)
    results = try communicator.everyRank { try run.endedResults }
    let loaded = try communicator.everyRank { try LoadedModel(path: run.model) }
    func rows(_ part: RunPart) throws -> Dataset? {
      guard let input = try communicator.everyRank({ try run.input(part, options) }) else {
        return nil
      }
      let all = try loaded.rows(of: input, communicator)
      return try communicator.everyRank { try all.taking(input.rows, of: input.path) }
    }
    let parts = (validation: try rows(.validation), test: try rows(.test))
    guard parts.validation != nil else {
      throw Failure(
        .usage, "\(options.model): there are no validation rows to tune on; give rows by --data")
    }
    var settings = run.configuration?.evaluation ?? EvaluationSettings()
    settings.threshold = options.threshold
    labels = loaded.labels.names
    let final = FinalRows(
      settings, labels: labels, counts: loaded.notes.counts, parts: parts,
      warnings: results?.warnings ?? [])
    evaluation = try loaded.evaluate(final, communicator)
    try checkIsReached()
  }

  private func checkIsReached() throws {
    guard case .goal(let goal) = threshold, let scores = evaluation.validation?.histogram else {
      return
    }
    let found = scores.globalThreshold(reaching: goal)
    guard !found.isReached else { return }
    throw Failure(
      .badConfiguration,
      "no threshold reaches \(threshold.json.text()) on the validation rows; the nearest is "
        + "\(fixed(found.probability, digits: 4)). Ask for less")
  }

  /// Writes the model, then what the run reports. A kill between the two is repaired by the same
  /// command.
  func write() throws {
    guard let thresholds = evaluation.thresholds else {
      preconditionFailure("thresholds are tuned on validation rows")
    }
    let decisions = SavedDecisions(
      thresholds, topK: threshold.topK, calibration: evaluation.calibration)
    let isNew = try decisions.write(to: run.model, labels: labels)
    if let results {
      let directory = RunDirectory(path: run.path)
      try writeConfiguration(directory.config)
      if let table = evaluation.labels { try PendingFile.write(table.csv, to: directory.labels) }
      try JSONValue.object(evaluation.record(results).object).write(to: directory.results)
      writeReport(
        in: directory, scores: evaluation.scores,
        showsTexts: run.configuration?.evaluation.reportExamples ?? true)
    }
    print(
      "\(run.model) decides by \(threshold.json.text())"
        + (isNew ? "" : ", as it did before") + "\n\n"
        + evaluation.table.joined(separator: "\n"))
  }

  /// A run that is resumed goes on deciding so.
  private func writeConfiguration(_ path: String) throws {
    guard var root = try JSONValue(contentsOf: path).object,
      var section = (root["evaluation"] ?? .object(JSONObject())).object
    else { throw StorageError(.malformed, path, "wanted a JSON object") }
    section["threshold"] = threshold.json
    root["evaluation"] = .object(section)
    try JSONValue.object(root).write(to: path)
  }
}

extension ComparedRun {
  /// The results of a run; nil for a saved model alone. Throws where the run has not ended.
  fileprivate var endedResults: RunResults? {
    get throws {
      guard configuration != nil else { return nil }
      let file = RunDirectory(path: path).results
      guard fileKind(file) != nil else {
        throw Failure(
          .badConfiguration,
          "\(path): has not ended; go on with --resume --set evaluation.threshold=…")
      }
      guard let results = try JSONValue(contentsOf: file).object.flatMap(RunResults.init) else {
        throw StorageError(.malformed, file, "does not hold the results of a run")
      }
      return results
    }
  }

  /// The rows of a part as a session reads them; nil where there are none.
  fileprivate func input(
    _ part: RunPart, _ options: ThresholdsOptions
  ) throws -> InferenceSession.Input? {
    if let data = options.data, part == .validation {
      return .init(path: data, columns: options.columns, readsLabels: true)
    }
    guard let rows = try heldOut(part), let data = configuration?.data else { return nil }
    return .init(path: rows.path, columns: data.columns(), readsLabels: true, rows: rows.rows)
  }
}

extension LoadedModel {
  /// The figures of the model. Collective.
  fileprivate func evaluate(
    _ rows: FinalRows, _ communicator: Communicator
  ) throws -> FinalEvaluation {
    let settings = rows.settings
    let (model, workspace) = try communicator.everyRank {
      try self.model(
        for: [rows.validation, rows.test].compactMap { $0 }, batchTokens: settings.batchTokens)
    }
    let criteria = try communicator.everyRank {
      try self.criteria(topK: settings.topK, batchTokens: settings.batchTokens)
    }
    func evaluate(_ model: some Classifier) throws -> FinalEvaluation {
      try FinalEvaluation(rows, Evaluator(model, criteria, communicator, workspace))
    }
    return try evaluate(model)
  }
}
