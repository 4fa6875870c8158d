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
  /// Micro-F1 of the same labels for every row, on validation and test: what to be better than.
  private let constant: [String: Double]

  package init<Model: Classifier>(_ task: TrainingTask, _ evaluator: Evaluator<Model>) throws {
    let settings = task.configuration.evaluation
    let samples = settings.bootstrapSamples
    var tuned = TunedDecisions(settings.threshold, labels: task.counts.labels)
    validation = try task.validation.map { dataset in
      try evaluator.evaluate(dataset, bootstrapSamples: samples) { tuned.tune(on: $0) }
    }
    globalThreshold = tuned.global
    let answer = ConstantAnswer(training: task.counts)
    var constant: [String: Double] = [:]
    for (name, part) in [("validation", task.validation), ("test", task.test)] {
      constant[name] = part.map { answer.microF1(on: TrainingCounts($0)) }
    }
    self.constant = constant
    test = try task.test.map {
      try evaluator.evaluate($0, bootstrapSamples: samples) { _ in tuned.decisions }
    }
    labels = Self.table(task, tuned, validation: validation, test: test)
  }

  private static func table(
    _ task: TrainingTask, _ tuned: TunedDecisions, validation: Evaluation?, test: Evaluation?
  ) -> LabelTable? {
    guard let chosen = tuned.chosen else { return nil }
    let parts = [
      LabelTable.Part(validation, suffix: chosen.suffix, prefix: "validation_"),
      LabelTable.Part(test, suffix: chosen.suffix, prefix: "test_"),
    ].compactMap { $0 }
    return LabelTable(
      labels: task.labels, counts: task.counts, thresholds: chosen.folds[0],
      parts: parts)
  }

  /// The content of results.json.
  package func json(_ state: TrainingState, _ end: RunEnd) -> JSONValue {
    var json: JSONObject = [
      "best_step": state.bestStep.map { .integer($0) } ?? .integer(state.step),
      "last_step": .integer(state.step), "ended_by": .string(end.rawValue),
      "skipped_steps": .integer(state.skippedSteps),
      "global_threshold": globalThreshold.map { .double($0) } ?? .null,
    ]
    for (name, evaluation) in [("validation", validation), ("test", test)] {
      guard let evaluation else { continue }
      var figures = JSONObject(
        evaluation.metrics.map { (String($0.name.dropFirst(5)), .double($0.value)) })
      figures["constant_micro_f1"] = constant[name].map { .double($0) } ?? .null
      json[name] = .object(figures)
    }
    return .object(json)
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
    return lines
  }

  private var table: [String] {
    let header = "             micro-F1  macro-F1  samples-F1   at the threshold"
    let parts = [("validation", validation), ("test", test)]
    let rows = parts.flatMap { name, evaluation -> [String] in
      guard let evaluation else { return [] }
      let kinds = [
        ("", "0.5"), ("_tuned", "tuned for all labels"), ("_per_label", "tuned per label"),
        ("_fixed", "of evaluation.threshold"),
      ]
      let constant = constant[name].map {
        name.padding(to: 13) + fixed($0, digits: 4).padding(to: 31)
          + "the same labels for every row, whatever its text"
      }
      return kinds.compactMap { row(name, evaluation, $0, $1) } + [constant].compactMap { $0 }
    }
    return rows.isEmpty ? [] : [header] + rows
  }

  private func row(
    _ name: String, _ evaluation: Evaluation, _ suffix: String, _ kind: String
  ) -> String? {
    let values = ["micro_f1", "macro_f1", "samples_f1"].compactMap {
      evaluation.value("eval_\($0)\(suffix)")
    }
    guard values.count == 3 else { return nil }
    let cells = values.map { fixed($0, digits: 4) + "    " }.joined()
    return name.padding(to: 13) + cells + " " + kind
  }
}
