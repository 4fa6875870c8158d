// What a run shows at its end: the figures with their intervals, where F1 is lost, what to do next.
// In lines of 80 columns.

import Objectives
import Reporting
import Storage

struct EndScreen {
  let findings: Findings

  private var run: FinishedRun { findings.run }

  var lines: [String] {
    [""] + ending + section(figures) + section(groups) + section(losses) + next
      + (run.results.warnings ?? []).map { "warning: \($0)" }
  }

  private func section(_ lines: [String]) -> [String] { lines.isEmpty ? [] : [""] + lines }

  // MARK: - How it ended

  private var ending: [String] {
    let seconds = run.log.steps.reduce(0) { $0 + $1.totalSeconds }
    let verb =
      switch run.results.endedBy {
      case .stoppedEarly: "Stopped early"
      case .pruned: "Given up"
      default: "Finished"
      }
    let best = run.log.evaluations.last { $0.isBest }
    let model =
      best.map { "the best model is that of epoch \(fixed($0.epoch, digits: 2))" }
      ?? "the model is that of step \(run.results.bestStep)"
    let steps =
      run.results.bestStep == run.results.lastStep
      ? "" : " (step \(run.results.bestStep) of \(run.results.lastStep))"
    return wrapped(
      "\(verb) after \(duration(seconds)) of training; \(model)\(steps).", indent: 0)
  }

  // MARK: - Figures

  private static let kinds: [(ThresholdKind, String)] = [
    (.global, "one threshold"), (.perLabel, "a threshold per label"),
    (.saved, "evaluation.threshold"), (.half, "threshold 0.5"),
  ]

  private var figures: [String] {
    let rows = Self.kinds.compactMap(row) + [baseline].compactMap { $0 }
    guard !rows.isEmpty else { return [] }
    let count = findings.kept.map { ", \(grouped(Double($0.rowCount))) rows" } ?? ""
    let header = [
      "\(run.part.rawValue)\(count)", "micro-F1", "95 % interval", "macro-F1", "precision",
      "recall",
    ]
    var lines = alignedColumns([header] + rows)
    lines[0] = TextStyle.bold(lines[0])
    return lines + wrapped(footnote, indent: 0)
  }

  private func row(_ kind: ThresholdKind, _ title: String) -> [String]? {
    func value(_ name: MetricName) -> String? {
      run.metrics?[name.by(kind)].map { fixed($0, digits: 3) }
    }
    guard let micro = value(.microF1), let macro = value(.macroF1) else { return nil }
    var title = title
    if kind == .global, let threshold = run.results.globalThreshold {
      title += ", " + (threshold < 0.01 ? significant(threshold) : fixed(threshold, digits: 2))
    }
    let interval = ["micro_f1_low", "micro_f1_high"].compactMap { value(MetricName($0)) }
    return [
      title + (kind == run.decisions ? " *" : ""), micro,
      interval.count == 2 ? interval.joined(separator: "–") : "–", macro,
      value("micro_precision") ?? "–", value("micro_recall") ?? "–",
    ]
  }

  private var baseline: [String]? {
    run.metrics?[.baselineMicroF1].map {
      ["baseline: frequent labels", fixed($0, digits: 3)]
    }
  }

  private var footnote: String {
    let chosen = "* is in best/thresholds.json. "
    guard run.part == .validation else {
      return chosen + "Figures of the validation rows: results.json."
    }
    return chosen
      + "Cross-validated: each fold is decided by thresholds of the other folds. During "
      + "training they were tuned on the rows themselves, which looks better."
  }

  private var groups: [String] {
    let rows = FrequencyGroup.all(findings).map { group in
      [
        group.name, "\(group.labels)", fixed(group.meanF1, digits: 3), "\(group.zeros)",
        "\(Int((100 * group.errorShare).rounded())) %",
      ]
    }
    let header = ["labels by training rows", "labels", "F1", "F1 = 0", "share of errors"]
    var lines = alignedColumns([header] + rows, gap: 3)
    lines[0] = TextStyle.bold(lines[0])
    return lines
  }

  // MARK: - Where F1 is lost

  private var losses: [String] {
    let found = [zeros, worst, twins].compactMap { $0 }
    guard !found.isEmpty else { return [] }
    return [TextStyle.bold("Where F1 is lost")]
      + found.flatMap { wrapped($0, title: " -", indent: 3, limit: 2) }
  }

  private var zeros: String? {
    let tested = findings.figures.indices.filter { findings.figures[$0].positives > 0 }
    let zeros = tested.filter { findings.figures[$0].truePositives == 0 }
    guard !zeros.isEmpty else { return nil }
    func count(_ cause: LabelCause) -> Int { zeros.count { findings.causes[$0] == cause } }
    let (few, hidden) = (count(.tooFewRows), count(.thresholdHides))
    let causes = [
      few > 0 ? "\(few) have under \(LabelCause.fewRows) training rows" : nil,
      hidden > 0 ? "\(hidden) are ranked well but lie below the threshold" : nil,
    ].compactMap { $0 }
    return "\(zeros.count) of \(tested.count) labels that occur have F1 0"
      + (causes.isEmpty ? "" : ": " + causes.joined(separator: ", "))
  }

  /// Labels with the most errors that are named.
  private static let worstCount = 10

  private var worst: String? {
    let figures = findings.figures
    let errors = figures.reduce(0) { $0 + $1.errors }
    let order = figures.indices.sorted {
      (figures[$1].errors, $0) < (figures[$0].errors, $1)
    }.prefix(Self.worstCount)
    guard errors > 0, figures.count > 2 * Self.worstCount else { return nil }
    let share = ratio(order.reduce(0) { $0 + figures[$1].errors }, errors)
    return "\(order.count) labels make \(Int((100 * share).rounded())) % of all errors: "
      + order.map { run.labels[$0].name }.joined(separator: ", ")
  }

  private var twins: String? {
    guard let pair = findings.twins.first else { return nil }
    let names = [pair.first, pair.second].map { run.labels[$0].name }
    let others = findings.twins.count == 1 ? "" : " (\(findings.twins.count) such pairs)"
    return "\(names[0]) and \(names[1]) are the same rows\(others): make one label of them"
  }

  // MARK: - What to do next

  /// Steps that are shown.
  private static let shownSteps = 3

  private var next: [String] {
    let steps = NextStep.measured(findings).prefix(Self.shownSteps).flatMap { step in
      wrapped("\(step.title). \(step.evidence)", title: " -", indent: 3)
        + [step.command.map { "   \($0)" }].compactMap { $0 }
    }
    return ["", TextStyle.bold("Next")] + steps + [
      " - all labels, examples, curves: \(run.directory.report)",
      " - \(Program.name) predict --model \(shellQuoted(run.path)) --input new.csv "
        + "--output predictions.csv",
    ]
  }
}
