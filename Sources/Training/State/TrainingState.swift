import Reporting

/// Everything that decides how a run goes on, besides the parameters and their moments. A value:
/// saving writes it, resuming reads it, and nothing else exists.
package struct TrainingState: JSONRecord, JSONConvertible {
  /// As in a checkpoint. Those of version 0.1.0 lack the keys that are not required.
  package static let fields: [JSONField<Self>] = [
    JSONField("step", \.step), JSONField("best_value", \.bestValue, isRequired: false),
    JSONField("best_step", \.bestStep, isRequired: false),
    JSONField("evaluations_without_gain", \.evaluationsWithoutGain),
    JSONField("last_evaluation", \.lastEvaluation, isRequired: false),
    JSONField("has_stopped_early", \.hasStoppedEarly), JSONField("tokens", \.tokens),
    JSONField("skipped_steps", \.skippedSteps, isRequired: false),
    JSONField("loss_level", \.losses, isRequired: false),
  ]

  /// Steps done. Epoch and place in it follow from this number and the plan.
  package var step = 0
  /// The best value of the metric so far, and the step at which it was reached.
  var bestValue: Double?
  var bestStep: Int?
  /// Evaluations since then.
  var evaluationsWithoutGain = 0
  /// The step of the last evaluation.
  var lastEvaluation: Int?
  /// Whether early stopping has ended the run.
  var hasStoppedEarly = false
  /// Real tokens trained on so far, over all ranks.
  var tokens = 0
  /// Steps that updated nothing, because loss or gradient was not finite.
  var skippedSteps = 0
  /// What the loss has been like lately.
  var losses = LossSpikeDetector()

  /// Before the first step.
  package init() {}
}
