// What may happen in a run besides its steps, each a line of metrics.jsonl and a message.

import Objectives
import Reporting
import Storage

extension RunLog {
  /// An evaluation is done.
  func evaluation(
    _ state: TrainingState, _ evaluation: Evaluation, epoch: Double, isBest: Bool
  ) {
    var members: JSONObject = ["step": .integer(state.step), "epoch": .double(epoch)]
    for metric in evaluation.metrics { members[metric.name] = .double(metric.value) }
    members["is_best"] = .bool(isBest)
    append("eval", members)
    let shown = [
      ("loss", "eval_loss"), ("micro-F1", "eval_micro_f1"), ("tuned", "eval_micro_f1_tuned"),
      ("macro-F1 tuned", "eval_macro_f1_tuned"),
    ].compactMap { name, key in evaluation.value(key).map { "\(name) \(fixed($0, digits: 4))" } }
    message(
      "step \(state.step): validation " + shown.joined(separator: ", ")
        + (isBest ? "  (best so far)" : ""))
  }

  /// A step has updated nothing.
  func skippedStep(_ state: TrainingState, _ figures: StepFigures, cause: String) {
    append(
      "skipped_step",
      [
        "step": .integer(state.step), "loss": .double(figures.loss),
        "grad_norm": .double(figures.gradientNorm), "cause": .string(cause),
        "skipped_steps": .integer(state.skippedSteps),
      ])
    warn(
      "step \(state.step) was skipped: loss \(figures.loss), gradient norm \(figures.gradientNorm); "
        + cause)
  }

  /// The loss of a step leaps out.
  func lossSpike(_ state: TrainingState, _ figures: StepFigures) {
    append(
      "loss_spike",
      [
        "step": .integer(state.step), "loss": .double(figures.loss),
        "grad_norm": .double(figures.gradientNorm), "mean_loss": .double(state.losses.mean),
      ])
    warn(
      "step \(state.step): the loss leapt to \(significant(figures.loss)); its running mean is now "
        + significant(state.losses.mean))
  }

  /// The last evaluation ends the run.
  func stoppedEarly(_ state: TrainingState) {
    append(
      "early_stop",
      [
        "step": .integer(state.step), "best_step": state.bestStep.map { .integer($0) } ?? .null,
        "best_value": state.bestValue.map { .double($0) } ?? .null,
      ])
  }
}
