import Configuration
import Data
import Objectives

/// What the best model of a run is evaluated on, and how.
package struct FinalRows {
  package let settings: EvaluationSettings
  package let labels: [String]
  /// Of the training rows.
  package let counts: TrainingCounts
  package let validation: Dataset?
  package let test: Dataset?
  /// Why figures look better than they would on new rows.
  package let warnings: [String]

  package init(
    _ settings: EvaluationSettings, labels: [String], counts: TrainingCounts,
    parts: (validation: Dataset?, test: Dataset?), warnings: [String]
  ) {
    (self.settings, self.labels, self.counts, self.warnings) = (settings, labels, counts, warnings)
    (validation, test) = parts
  }

  /// Those of a run.
  package init(_ task: TrainingTask) {
    self.init(
      task.configuration.evaluation, labels: task.labels, counts: task.counts,
      parts: (task.validation, task.test), warnings: SharedRows(task).warnings)
  }
}
