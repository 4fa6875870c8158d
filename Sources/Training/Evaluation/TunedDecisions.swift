import Configuration
import Objectives
import Reporting

/// The decisions that a run reports at its end beside those at 0.5.
struct TunedDecisions {
  /// For rows that no threshold was tuned on; empty where nothing could be tuned and no probability
  /// was given.
  private(set) var decisions: [EvaluationMeasures.Decision] = []
  /// The global threshold, once it is tuned.
  private(set) var global: Double?
  private let choice: EvaluationSettings.Threshold

  /// Before tuning: a fixed probability, where `choice` is one.
  init(_ choice: EvaluationSettings.Threshold, labels: Int) {
    self.choice = choice
    if case .fixed(let probability) = choice {
      decisions = [.init(.saved, thresholds: Thresholds(probability, labels: labels))]
    }
  }

  /// Tunes on the scores of the validation rows. Returns the decisions for these same rows: those
  /// of each fold by what the other folds say.
  mutating func tune(on scores: ScoreHistogram) -> [EvaluationMeasures.Decision] {
    let known = decisions
    let thresholds = scores.globalThresholds
    global = thresholds.probabilities.first
    decisions =
      [
        .init(.global, thresholds: thresholds),
        .init(.perLabel, thresholds: scores.labelThresholds().thresholds),
      ] + known
    return [
      .init(.global, crossFitted: scores.crossFittedGlobalThresholds()),
      .init(.perLabel, crossFitted: scores.crossFittedLabelThresholds()),
    ] + known
  }

  /// By which thresholds `predict` goes.
  var kind: ThresholdKind {
    switch choice {
    case .fixed: .saved
    case .global: .global
    case .perLabel: .perLabel
    }
  }

  /// The decisions by which `predict` goes; nil where there are none.
  var chosen: EvaluationMeasures.Decision? { decisions.first { $0.kind == kind } }
}
