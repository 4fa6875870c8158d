import Objectives
import Storage

/// Everything that decides how a run goes on, besides the parameters and their moments. A value:
/// saving writes it, resuming reads it, and nothing else exists.
package struct TrainingState: Equatable {
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
  /// Steps that updated nothing, because loss or gradient was no number.
  var skippedSteps = 0
  /// What the loss has been like lately.
  var losses = LossSpikeDetector()

  /// Before the first step.
  package init() {}
}

extension TrainingState {
  /// As it stands in a checkpoint.
  var json: JSONObject {
    [
      "step": .integer(step),
      "best_value": bestValue.map { .double($0) } ?? .null,
      "best_step": bestStep.map { .integer($0) } ?? .null,
      "evaluations_without_gain": .integer(evaluationsWithoutGain),
      "last_evaluation": lastEvaluation.map { .integer($0) } ?? .null,
      "has_stopped_early": .bool(hasStoppedEarly),
      "tokens": .integer(tokens),
      "skipped_steps": .integer(skippedSteps),
      "loss_level": losses.json,
    ]
  }

  /// Reads what `json` wrote; nil where a key is missing or of another kind.
  init?(_ json: JSONValue) {
    guard let step = json["step"]?.integer, step >= 0,
      let without = json["evaluations_without_gain"]?.integer,
      let stopped = json["has_stopped_early"]?.bool, let tokens = json["tokens"]?.integer
    else { return nil }
    self.step = step
    bestValue = json["best_value"]?.number
    bestStep = json["best_step"]?.integer
    evaluationsWithoutGain = without
    lastEvaluation = json["last_evaluation"]?.integer
    hasStoppedEarly = stopped
    self.tokens = tokens
    // Checkpoints of earlier versions lack these.
    skippedSteps = json["skipped_steps"]?.integer ?? 0
    losses = json["loss_level"].flatMap(LossSpikeDetector.init) ?? LossSpikeDetector()
  }
}
