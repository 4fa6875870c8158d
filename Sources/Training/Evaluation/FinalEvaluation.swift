// The best model on validation and test: at 0.5, and at thresholds tuned on validation alone. The
// validation rows of each fold are decided by thresholds tuned on the other folds.

import Data
import Models
import Objectives
import Reporting
import Storage

package struct FinalEvaluation {
  private let validation: Evaluation?
  private let test: Evaluation?
  private let globalThreshold: Double?
  /// A line for each label; nil without validation and test rows.
  package let labels: LabelTable?
  /// The scores of held-out rows.
  package let scores: HeldOutScores
  /// Micro-F1 of the same labels for every row, on validation and test: what to be better than.
  private let baseline: [RunPart: Double]

  package init<Model: Classifier>(_ task: TrainingTask, _ evaluator: Evaluator<Model>) throws {
    let settings = task.configuration.evaluation
    let samples = settings.bootstrapSamples
    var tuned = TunedDecisions(settings.threshold, labels: task.counts.labels)
    validation = try task.validation.map { dataset in
      try evaluator.evaluate(dataset, bootstrapSamples: samples, keeping: tuned.kind) {
        tuned.tune(on: $0)
      }
    }
    globalThreshold = tuned.global
    let answer = ConstantAnswer(training: task.counts)
    baseline = [.validation: task.validation, .test: task.test].compactMapValues {
      $0.map { answer.microF1(on: TrainingCounts($0)) }
    }
    test = try task.test.map {
      try evaluator.evaluate($0, bootstrapSamples: samples, keeping: tuned.kind) { _ in
        tuned.decisions
      }
    }
    scores = HeldOutScores(
      parts: [.validation: validation, .test: test].compactMapValues { $0?.scores })
    labels = Self.table(task, tuned, validation: validation, test: test)
  }

  private static func table(
    _ task: TrainingTask, _ tuned: TunedDecisions, validation: Evaluation?, test: Evaluation?
  ) -> LabelTable? {
    guard let chosen = tuned.chosen else { return nil }
    let parts = [
      LabelTable.Part(validation, by: chosen.kind, prefix: "validation_"),
      LabelTable.Part(test, by: chosen.kind, prefix: "test_"),
    ].compactMap { $0 }
    return LabelTable(
      labels: task.labels, counts: task.counts, thresholds: chosen.folds[0],
      parts: parts)
  }

  /// The content of results.json.
  package func record(_ state: TrainingState, _ end: RunEnd) -> RunResults {
    RunResults {
      $0.bestStep = state.bestStep ?? state.step
      $0.lastStep = state.step
      $0.endedBy = end
      $0.skippedSteps = state.skippedSteps
      $0.globalThreshold = globalThreshold
      $0.validation = metrics(of: .validation)
      $0.test = metrics(of: .test)
    }
  }

  private func metrics(of part: RunPart) -> MetricValues? {
    evaluation(of: part).map { evaluation in
      MetricValues(
        evaluation.metrics + (baseline[part].map { [Metric(.baselineMicroF1, $0)] } ?? []))
    }
  }

  private func evaluation(of part: RunPart) -> Evaluation? {
    part == .validation ? validation : test
  }

  /// For the terminal.
  package func summary(_ state: TrainingState, _ end: RunEnd, _ directory: RunDirectory) -> [String]
  {
    var lines = [
      "",
      end == .stoppedEarly
        ? "stopped early after step \(state.step); the best model is that of step "
          + "\(state.bestStep ?? state.step)"
        : "finished after step \(state.step); the best model is that of step "
          + "\(state.bestStep ?? state.step)",
    ]
    lines += table
    lines.append("model: \(directory.best)    all metrics: \(directory.results)")
    if fileKind(directory.report) != nil {
      lines.append("report, which labels are bad and why: \(directory.report)")
    }
    return lines
  }

  private var table: [String] {
    let header = "             micro-F1  macro-F1  samples-F1   at the threshold"
    let rows = RunPart.allCases.flatMap { part -> [String] in
      guard let evaluation = evaluation(of: part) else { return [] }
      let kinds: [(ThresholdKind, String)] = [
        (.half, "0.5"), (.global, "tuned for all labels"), (.perLabel, "tuned per label"),
        (.saved, "of evaluation.threshold"),
      ]
      let name = part.rawValue.padding(to: 13)
      let baseline = baseline[part].map {
        name + fixed($0, digits: 4).padding(to: 31)
          + "baseline: the same labels for every row, whatever its text"
      }
      return kinds.compactMap { row(name, evaluation, $0, $1) } + [baseline].compactMap { $0 }
    }
    return rows.isEmpty ? [] : [header] + rows
  }

  private func row(
    _ name: String, _ evaluation: Evaluation, _ kind: ThresholdKind, _ text: String
  ) -> String? {
    let values = [MetricName.microF1, .macroF1, .samplesF1].compactMap {
      evaluation.value($0.by(kind))
    }
    guard values.count == 3 else { return nil }
    let cells = values.map { fixed($0, digits: 4) + "    " }.joined()
    return name + cells + " " + text
  }
}
