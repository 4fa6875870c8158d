// What may happen in a run besides its steps, each a line of metrics.jsonl and a message.

import Objectives
import Reporting

extension RunLog {
  /// An evaluation is done.
  func evaluation(
    _ state: TrainingState, _ evaluation: Evaluation, epoch: Double, isBest: Bool
  ) {
    append(
      EvaluationEvent {
        $0.step = state.step
        $0.epoch = epoch
        $0.metrics = evaluation.metrics
        $0.isBest = isBest
      })
    let names: [(String, MetricName)] = [
      ("loss", .loss), ("micro-F1", .microF1), ("tuned", .microF1.by(.global)),
      ("macro-F1 tuned", .macroF1.by(.global)),
    ]
    let shown = names.compactMap { text, name in
      evaluation.value(name).map {
        "\(text) \(fixed(name == .loss ? $0 / lossUnit : $0, digits: 4))"
      }
    }
    message(
      "step \(state.step): validation " + shown.joined(separator: ", ")
        + (isBest ? "  (best so far)" : ""))
  }

  /// A step has updated nothing.
  func skippedStep(_ state: TrainingState, _ figures: StepMetrics, cause: String) {
    append(
      SkippedStepEvent {
        $0.step = state.step
        $0.loss = figures.loss
        $0.gradientNorm = figures.gradientNorm
        $0.cause = cause
        $0.skippedSteps = state.skippedSteps
      })
    warn(
      "step \(state.step) was skipped: loss \(figures.loss), "
        + "gradient norm \(figures.gradientNorm); "
        + cause)
  }

  /// The loss of a step leaps out.
  func lossSpike(_ state: TrainingState, _ figures: StepMetrics) {
    append(
      LossSpikeEvent {
        $0.step = state.step
        $0.loss = figures.loss
        $0.gradientNorm = figures.gradientNorm
        $0.meanLoss = state.losses.mean
      })
    warn(
      "step \(state.step): the loss rose to \(significant(figures.loss / lossUnit)); its running mean "
        + "is now \(significant(state.losses.mean / lossUnit))")
  }

  /// The last evaluation ends the run.
  func stoppedEarly(_ state: TrainingState) {
    append(
      EarlyStopEvent {
        $0.step = state.step
        $0.bestStep = state.bestStep
        $0.bestValue = state.bestValue
      })
  }
}
