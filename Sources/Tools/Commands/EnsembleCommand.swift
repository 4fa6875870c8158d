// `ddp-train ensemble`: a trained BERT and a trained linear model as one model, whose logits are
// the sum of both.

import Collectives
import Data
import Memory
import Models
import Objectives
import Reporting
import Storage
import Training

/// Makes one model of two, and tunes on labeled rows how much each counts.
public func runEnsemble(_ options: EnsembleOptions) throws {
  try onAllRanks { communicator in
    let runs = try communicator.everyRank {
      try [options.bert, options.linear].map(ComparedRun.init)
    }
    let (data, columns) = try communicator.everyRank { try validationFile(of: runs[0], options) }
    try communicator.rootOnly { try checkIsFile(data, option: "--data") }
    try communicator.rootOnly { try Ensemble.checkPlace(options.output) }
    try communicator.locking(place: options.output) {
      let sessions = try runs.map {
        try InferenceSession(
          model: $0.model, .init(path: data, columns: columns, readsLabels: true), output: nil,
          communicator)
      }
      let members = zip(sessions, runs).map { EnsembleMember($0, path: $1.model) }
      let ensemble = try communicator.everyRank { try Ensemble(members[0], members[1]) }
      let scores = try EnsembleScores(
        encoder: members[0].part, linear: members[1].part,
        counts: sessions[0].loaded.notes.counts, communicator)
      if communicator.isRoot { print("\(data): \(sessions[0].dataset.rowCount) rows") }
      try write(ensemble, tunedBy: scores, options, communicator)
    }
  }
}

private func write(
  _ ensemble: Ensemble, tunedBy scores: EnsembleScores, _ options: EnsembleOptions,
  _ communicator: Communicator
) throws {
  func scaled(_ scale: Float) -> EnsembleWeights {
    EnsembleWeights(scale: scale, labels: scores.counts.labels)
  }
  let weights = try options.scale.map { scaled(Float($0)) } ?? scores.bestWeights()
  let (alone, both) = (try scores.bestMicroF1(scaled(0)), try scores.bestMicroF1(weights))
  let decisions = try scores.decisions(options.threshold, weights)
  try communicator.rootOnly {
    try ensemble.save(to: options.output, weights: weights, decisions: decisions)
    print("micro-F1 at the global threshold tuned on these rows:")
    print("  \(options.bert) alone: \(fixed(alone, digits: 4))")
    print("  with \(options.linear), \(weights.summary): \(fixed(both, digits: 4))")
    print("model: \(options.output)")
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
