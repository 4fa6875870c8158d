// The thresholds that `evaluation.threshold` asks for.

import Configuration
import Objectives

extension EvaluationSettings.Threshold {
  /// What thresholds.json holds for the scores of validation rows; 0.5 for each label where a
  /// threshold is to be tuned and there are no such rows.
  package func thresholds(from scores: ScoreHistogram?, labels: Int) -> Thresholds {
    if case .fixed(let probability) = self { return Thresholds(probability, labels: labels) }
    guard let scores else { return Thresholds(0.5, labels: labels) }
    return switch self {
    case .perLabel: scores.labelThresholds().thresholds
    case .goal(let goal):
      Thresholds(scores.globalThreshold(reaching: goal).probability, labels: labels)
    case .global, .topK, .fixed: scores.globalThresholds
    }
  }

  /// Labels that each row is given, whatever their probability; nil where thresholds decide.
  package var topK: Int? {
    if case .topK(let count) = self { count } else { nil }
  }
}
