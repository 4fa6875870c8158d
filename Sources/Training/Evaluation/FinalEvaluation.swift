// The best model on validation and test: at 0.5, and at thresholds tuned on validation alone. The
// validation rows of each fold are decided by thresholds tuned on the other folds.

import Data
import Models
import Objectives
import Reporting
import Storage

/// The figures of a run's best model.
package struct FinalEvaluation {
  package let validation: Evaluation?
  private let test: Evaluation?
  private let globalThreshold: Double?
  /// What best/thresholds.json must hold; nil where there was nothing to tune on.
  package let thresholds: Thresholds?
  /// What best/calibration.json must hold; nil where there was nothing to fit it to.
  package let calibration: LabelCalibration?
  /// A line for each label; nil without validation and test rows.
  package let labels: LabelTable?
  /// The scores of held-out rows.
  package let scores: HeldOutScores
  /// Micro-F1 of the same labels for every row, on validation and test: what to be better than.
  private let baseline: [RunPart: Double]
  private let warnings: [String]

  package init<Model: Classifier>(_ rows: FinalRows, _ evaluator: Evaluator<Model>) throws {
    let settings = rows.settings
    var tuned = TunedDecisions(settings.threshold, labels: rows.counts.labels)
    var validation = try rows.validation.map { dataset in
      try evaluator.evaluate(
        dataset, hasIntervals: settings.confidenceIntervals, keeping: tuned.kind
      ) {
        tuned.tune(on: $0)
      }
    }
    calibration = validation?.histogram.calibration()
    if let scores = validation?.histogram {
      validation?.metrics += scores.probabilityMetrics(
        calibratedBy: scores.crossFittedCalibrations())
    }
    self.validation = validation
    globalThreshold = tuned.global
    thresholds = rows.validation == nil ? nil : tuned.chosenThresholds
    let answer = ConstantAnswer(training: rows.counts)
    baseline = [.validation: rows.validation, .test: rows.test].compactMapValues {
      $0.map { answer.microF1(on: TrainingCounts($0)) }
    }
    var test = try rows.test.map {
      try evaluator.evaluate($0, hasIntervals: settings.confidenceIntervals, keeping: tuned.kind) {
        _ in
        tuned.decisions
      }
    }
    if let calibration, let scores = test?.histogram {
      test?.metrics += scores.probabilityMetrics(calibratedBy: [calibration])
    }
    self.test = test
    warnings = rows.warnings
    scores = HeldOutScores(
      parts: [.validation: self.validation, .test: self.test].compactMapValues { $0?.scores })
    labels = Self.table(rows, tuned, validation: validation, test: test)
  }

  private static func table(
    _ rows: FinalRows, _ tuned: TunedDecisions, validation: Evaluation?, test: Evaluation?
  ) -> LabelTable? {
    guard let chosen = tuned.chosen else { return nil }
    let parts = [
      LabelTable.Part(
        validation, of: rows.validation, by: chosen.kind, prefix: "validation_"),
      LabelTable.Part(test, of: rows.test, by: chosen.kind, prefix: "test_"),
    ].compactMap { $0 }
    return LabelTable(
      labels: rows.labels, counts: rows.counts, thresholds: chosen.folds[0],
      parts: parts)
  }

  /// The content of results.json.
  package func record(_ state: TrainingState, _ end: RunEnd) -> RunResults {
    record(
      RunResults {
        $0.bestStep = state.bestStep ?? state.step
        $0.lastStep = state.step
        $0.endedBy = end
        $0.skippedSteps = state.skippedSteps
      })
  }

  /// The same, with these figures in place of others.
  package func record(_ old: RunResults) -> RunResults {
    var record = old
    record.globalThreshold = globalThreshold
    record.validation = metrics(of: .validation)
    record.test = metrics(of: .test)
    record.warnings = warnings.isEmpty ? nil : warnings
    return record
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
    lines += table + warnings.map { "warning: \($0)" }
    lines.append("model: \(directory.best)    all metrics: \(directory.results)")
    if fileKind(directory.report) != nil {
      lines.append("report, which labels are bad and why: \(directory.report)")
    }
    return lines
  }

  /// F1 of both parts at all thresholds.
  package var table: [String] {
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
