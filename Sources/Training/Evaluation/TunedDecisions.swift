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
      decisions = [.init(suffix: "_fixed", thresholds: Thresholds(probability, labels: labels))]
    }
  }

  /// Tunes on the scores of the validation rows. Returns the decisions for these same rows: those of
  /// each fold by what the other folds say.
  mutating func tune(on scores: ScoreHistogram) -> [EvaluationMeasures.Decision] {
    let known = decisions
    let thresholds = scores.globalThresholds
    global = thresholds.probabilities.first
    decisions =
      [
        .init(suffix: "_tuned", thresholds: thresholds),
        .init(suffix: "_per_label", thresholds: scores.labelThresholds().thresholds),
      ] + known
    return [
      .init(suffix: "_tuned", crossFitted: scores.crossFittedGlobalThresholds()),
      .init(suffix: "_per_label", crossFitted: scores.crossFittedLabelThresholds()),
    ] + known
  }

  /// The decisions by which `predict` goes; nil where there are none.
  var chosen: EvaluationMeasures.Decision? {
    let suffix =
      switch choice {
      case .fixed: "_fixed"
      case .global: "_tuned"
      case .perLabel: "_per_label"
      }
    return decisions.first { $0.suffix == suffix }
  }
}
