// `ddp-train ensemble`: a trained BERT and a trained linear model as one model, whose logits are the sum of
// both.

import Collectives
import Data
import Memory
import Models
import Objectives
import Reporting
import Storage
import Training

/// Joins two trained models, and tunes how much the second one counts on labeled rows.
public func runEnsemble(_ options: EnsembleOptions) throws {
  try onAllRanks { communicator in
    let runs = try communicator.everyRank {
      try [options.bert, options.linear].map(ComparedRun.init)
    }
    let (data, columns) = try communicator.everyRank { try validationFile(of: runs[0], options) }
    try communicator.rootOnly { try Ensemble.checkPlace(options.output) }
    let sessions = try runs.map {
      try InferenceSession(
        model: $0.model, .init(path: data, columns: columns, readsLabels: true), output: nil,
        communicator)
    }
    let models = try communicator.everyRank {
      try Ensemble(sessions[0], runs[0].model, sessions[1], runs[1].model)
    }
    let scores = try EnsembleScores(sessions[0], sessions[1], communicator)
    let scale = try options.scale.map { Float($0) } ?? scores.bestScale()
    let (alone, joined) = (try scores.bestMicroF1(scale: 0), try scores.bestMicroF1(scale: scale))
    let thresholds = try scores.thresholds(options.threshold, scale: scale)
    try communicator.rootOnly {
      try models.save(to: options.output, scale: scale, thresholds: thresholds)
      print("\(data): \(sessions[0].dataset.rowCount) rows")
      print("micro-F1 at the global threshold tuned on these rows:")
      print("  \(options.bert) alone: \(fixed(alone, digits: 4))")
      print(
        "  with \(options.linear), its logits times \(scale): \(fixed(joined, digits: 4))")
      print("model: \(options.output)")
    }
  }
}

/// The rows to tune on: those of the command line, else the validation rows of the first run.
private func validationFile(
  of run: ComparedRun, _ options: EnsembleOptions
) throws -> (String, DataColumns) {
  if let data = options.data { return (data, options.columns) }
  guard let configuration = run.configuration, let path = configuration.data.validation else {
    throw Failure(
      .usage,
      "\(run.path): names no file of validation rows; give the rows to tune on by --data")
  }
  return (path, configuration.data.columns())
}
