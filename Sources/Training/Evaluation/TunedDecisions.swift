import Configuration
import Objectives
import Reporting

/// The decisions that a run reports at its end beside those at 0.5.
struct TunedDecisions {
  /// For rows that no threshold was tuned on; empty if nothing could be tuned and no probability
  /// was given.
  private(set) var decisions: [EvaluationMeasures.Decision] = []
  /// The global threshold, once it is tuned.
  private(set) var global: Double?
  private let choice: EvaluationSettings.Threshold

  /// Before tuning: a fixed probability, if `choice` is one.
  init(_ choice: EvaluationSettings.Threshold, labels: Int) {
    self.choice = choice
    switch choice {
    case .fixed(let probability):
      decisions = [.init(.saved, thresholds: Thresholds(probability, labels: labels))]
    case .topK(let count): decisions = [.init(.saved, topK: count, labels: labels)]
    case .global, .perLabel, .goal: break
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
    var crossFitted: [EvaluationMeasures.Decision] = []
    if case .goal(let goal) = choice {
      decisions.append(
        .init(.saved, thresholds: choice.thresholds(from: scores, labels: scores.labels)))
      crossFitted = [
        .init(.saved, crossFitted: scores.crossFittedThresholds(reaching: goal))
      ]
    }
    return [
      .init(.global, crossFitted: scores.crossFittedGlobalThresholds()),
      .init(.perLabel, crossFitted: scores.crossFittedLabelThresholds()),
    ] + known + crossFitted
  }

  /// The thresholds that a saved model has for these decisions. Those of the most probable labels
  /// are the global ones: they serve whoever decides by thresholds all the same.
  var chosenThresholds: Thresholds? {
    guard choice.topK == nil else { return decisions.first { $0.kind == .global }?.folds[0] }
    return chosen?.folds[0]
  }

  /// By what `predict` decides.
  var kind: ThresholdKind { choice.kind }

  /// The decisions by which `predict` goes; nil where there are none.
  var chosen: EvaluationMeasures.Decision? { decisions.first { $0.kind == kind } }
}
