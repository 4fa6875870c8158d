// A model that a fit may end with.

import Objectives
import Reporting
import Runs
import Storage
import Training

/// A trained model, with its figures on validation and test.
struct FitCandidate {
  enum Kind: String {
    case linear, encoder, ensemble
  }

  let kind: Kind
  let results: RunResults
  /// The directory of the saved model.
  let model: String

  /// The figure on the validation rows that decides between models.
  func value(of goal: FitOptions.Goal) -> Double {
    results.validation?[goal.metric] ?? -1
  }

  /// Puts model, results and figures of labels where those of a run are.
  func publish(in directory: FitDirectory) throws {
    let result = directory.result
    try JSONValue.object(results.object).write(to: result.results)
    let source = RunDirectory(path: parent(of: model))
    for (from, to) in [
      (source.labels, result.labels), (source.config, result.config), (source.audit, result.audit),
      (source.splits, result.splits), (source.scores, result.scores),
    ] where from != to && fileKind(from) != nil {
      try PendingFile.copy(from, to: to)
    }
    writeReport(in: result, scores: nil, showsTexts: true)
    guard model != result.best else { return }
    let pending = try PendingDirectory.begin(at: result.best)
    do {
      try pending.commit(
        files: entries(of: model).filter { $0 != Manifest.fileName }.map {
          try pending.copyFile("\(model)/\($0)", as: $0)
        })
    } catch {
      pending.abandon()
      throw error
    }
  }
}

extension FitOptions.Goal {
  /// The metric by which thresholds for this goal are judged.
  var metric: MetricName {
    switch self {
    case .microF1: .microF1.by(.global)
    case .macroF1: .macroF1.by(.perLabel)
    case .samplesF1: .samplesF1.by(.global)
    }
  }
}
