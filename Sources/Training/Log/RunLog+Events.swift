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
    for line in evaluationLines(state, evaluation, epoch: epoch, isBest: isBest) { message(line) }
    sinceEvaluation = EvaluationWindow(hasHeader: true)
  }

  private static let evaluationWidths = [6, 12, 11, 10, 10, 8, 8, 8]

  /// The evaluation as a row of a table, the first one below its header.
  private func evaluationLines(
    _ state: TrainingState, _ evaluation: Evaluation, epoch: Double, isBest: Bool
  ) -> [String] {
    func row(_ cells: [String]) -> String {
      zip(cells, Self.evaluationWidths).map { cell, width in
        String(repeating: " ", count: max(0, width - cell.count)) + cell
      }.joined()
    }
    func value(_ name: MetricName) -> String {
      evaluation.value(name).map {
        fixed(name == .loss ? $0 / lossUnit : $0, digits: 4)
      } ?? "–"
    }
    let line =
      row([
        fixed(epoch, digits: 2), sinceEvaluation.meanLoss.map { fixed($0, digits: 4) } ?? "–",
        value(.loss), value(.microF1.by(.global)), value(.macroF1.by(.global)),
        value(.precision(at: 1)), duration(seconds), secondsLeft(after: state).map(duration) ?? "–",
      ]) + (isBest ? "  *" : "")
    guard !sinceEvaluation.hasHeader else { return [line] }
    let header = row([
      "epoch", "train loss", "val. loss", "micro-F1", "macro-F1", "P@1", "time", "left",
    ])
    return [
      "", "Validation, at the threshold that is best for these rows (* best so far)", header, line,
    ]
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

/// The steps since the last evaluation.
struct EvaluationWindow {
  /// Whether the table of evaluations has begun.
  let hasHeader: Bool
  private var steps = 0
  private var lossSum = 0.0

  init(hasHeader: Bool = false) { self.hasHeader = hasHeader }

  /// Adds a step that has a loss.
  mutating func add(loss: Double) {
    guard loss.isFinite else { return }
    steps += 1
    lossSum += loss
  }

  /// The mean of the steps' losses; nil before the first one.
  var meanLoss: Double? { steps == 0 ? nil : lossSum / Double(steps) }
}
