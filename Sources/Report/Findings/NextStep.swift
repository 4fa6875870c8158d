// What to do next: only what the run has measured, with the figures that say so.

import Objectives
import Reporting
import Storage

/// A piece of advice.
struct NextStep: Equatable {
  let title: String
  /// The figures that speak for it.
  let evidence: String
  /// What to type or to change; nil where there is nothing to type.
  var command: String?

  /// All that applies to a run, the most promising first: what its end has shown, then what was
  /// known of the data before.
  static func all(_ findings: Findings) -> [NextStep] {
    let measured = measured(findings)
    return measured + known(findings.run, besides: measured)
  }

  /// What the run's end has shown.
  static func measured(_ findings: Findings) -> [NextStep] {
    let run = findings.run
    return [
      longer(run), thresholds(findings), relabel(findings), worst(findings), rare(findings),
      overfitting(run),
    ].compactMap { $0 }
  }

  /// The last epoch was still a gain.
  private static func longer(_ run: FinishedRun) -> NextStep? {
    let metric = run.configuration.earlyStopping.metricForBestModel
    guard run.results.endedBy == .finished, let last = run.log.evaluations.last, last.isBest,
      run.log.evaluations.count > 1,
      let value = MetricValues(last.metrics)[metric],
      let before = MetricValues(run.log.evaluations.dropLast().last?.metrics ?? [])[metric],
      metric.isBetter(value, than: before), abs(value - before) > 0.005 * abs(before)
    else { return nil }
    let training = run.configuration.training
    let setting =
      training.maxSteps.map { "training.max_steps=\(2 * $0)" }
      ?? "training.num_train_epochs=\(compact(2 * training.epochs))"
    return NextStep(
      title: "Train longer: the model was still improving",
      evidence:
        "In the last evaluation \(metric) went from \(fixed(before, digits: 4)) to "
        + "\(fixed(value, digits: 4)).",
      command: run.again([setting], name: "longer"))
  }

  /// What thresholds of the other kind would have given.
  private static func thresholds(_ findings: Findings) -> NextStep? {
    let run = findings.run
    let wanted: ThresholdKind = run.decisions == .perLabel ? .global : .perLabel
    guard let metrics = run.metrics,
      let micro = metrics[.microF1.by(run.decisions)],
      let macro = metrics[.macroF1.by(run.decisions)],
      let otherMicro = metrics[.microF1.by(wanted)], let otherMacro = metrics[.macroF1.by(wanted)]
    else { return nil }
    let (gain, loss) =
      wanted == .perLabel
      ? (otherMacro - macro, micro - otherMicro) : (otherMicro - micro, macro - otherMacro)
    guard gain > 0.01 else { return nil }
    let hidden = findings.causes.count { $0 == .thresholdHides }
    let name = wanted == .perLabel ? "a threshold for each label" : "one threshold for all labels"
    let (aim, other) =
      wanted == .perLabel ? ("macro-F1", "micro-F1") : ("micro-F1", "macro-F1")
    return NextStep(
      title: loss > 0 ? "If \(aim) matters more, take \(name)" : "Take \(name)",
      evidence:
        "On the \(run.part.rawValue) rows \(aim) would be \(fixed(gain, digits: 3)) higher, "
        + "\(other) \(fixed(abs(loss), digits: 3)) \(loss > 0 ? "lower" : "higher")."
        + (hidden > 0 && wanted == .perLabel ? hiddenLabels(hidden) : ""),
      command: "\(Program.name) thresholds \(shellQuoted(run.path)) "
        + (wanted == .perLabel ? "--per-label" : "--global"))
  }

  private static func hiddenLabels(_ count: Int) -> String {
    " For \(grouped(Double(count))) labels with F1 0 the ranking is useful, and the threshold hides it."
  }

  private static func relabel(_ findings: Findings) -> NextStep? {
    let count = findings.suspicious.count
    guard count > 0 else { return nil }
    let lacking = findings.suspicious.count { $0.kind == .lacking }
    return NextStep(
      title: "Look at \(counted(count, "label")) that may be wrong",
      evidence:
        "Missing where the model is sure that they hold: \(lacking). Given where it is sure that they do "
        + "not: \(count - lacking). Wrong labels in these rows make the figures look worse than the model "
        + "is.",
      command: nil)
  }

  /// Errors that few labels make.
  private static func worst(_ findings: Findings) -> NextStep? {
    let errors = findings.figures.map(\.errors)
    let total = errors.reduce(0, +)
    let order = errors.indices.sorted { (errors[$1], $0) < (errors[$0], $1) }.prefix(10)
    let share = ratio(order.reduce(0) { $0 + errors[$1] }, total)
    guard errors.count >= 30, share >= 0.2 else { return nil }
    let names = order.prefix(4).map { findings.run.labels[$0].name }.joined(separator: ", ")
    return NextStep(
      title: "Look at the 10 labels with most errors first",
      evidence:
        "They make \(fixed(100 * share, digits: 0)) % of all \(grouped(Double(total))) errors: "
        + "\(names) …", command: nil)
  }

  private static func rare(_ findings: Findings) -> NextStep? {
    let rare = findings.causes.indices.filter {
      findings.causes[$0] == .tooFewRows && findings.figures[$0].truePositives == 0
    }
    guard rare.count * 20 >= findings.causes.count else { return nil }
    return NextStep(
      title: "Gather rows for rare labels, or leave them out",
      evidence:
        "\(rare.count) of \(findings.causes.count) labels have fewer than \(LabelCause.fewRows) training "
        + "rows and F1 0 on the \(findings.run.part.rawValue) rows.", command: nil)
  }

  /// The best model came long before the end.
  private static func overfitting(_ run: FinishedRun) -> NextStep? {
    let evaluations = run.log.evaluations
    guard let best = evaluations.lastIndex(where: \.isBest), evaluations.count - best > 2 else {
      return nil
    }
    return NextStep(
      title: "Training longer does not help",
      evidence:
        "The best model is that of evaluation \(best + 1) of \(evaluations.count); none of the "
        + "\(evaluations.count - best - 1) after it was better.",
      command: run.again(["early_stopping.patience=2"], name: "shorter"))
  }

  /// The advice of audit.json, but for what the end of the run has measured.
  private static func known(_ run: FinishedRun, besides measured: [NextStep]) -> [NextStep] {
    (run.audit?["advice"]?.array ?? []).compactMap { entry in
      guard let what = entry["what"]?.string, let key = entry["key"]?.string,
        !key.contains("evaluation.threshold=per_label"),
        !measured.contains(where: { $0.title.hasPrefix(key.prefix(11)) })
      else { return nil }
      return NextStep(title: key + ".", evidence: what + ".", command: nil)
    }
  }
}

extension FinishedRun {
  /// The command that trains again with other settings; nil where the model is not one run's.
  func again(_ settings: [String], name: String) -> String? {
    guard log.start != nil else { return nil }
    let settings = settings + ["output_dir=\(path)-\(name)"]
    return "\(Program.name) " + shellQuoted(directory.config)
      + settings.map { " --set \(shellQuoted($0))" }.joined()
  }
}

/// A word as a POSIX shell reads it.
func shellQuoted(_ word: String) -> String {
  let plain = word.utf8.allSatisfy {
    ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x41 && $0 <= 0x5A) || ($0 >= 0x61 && $0 <= 0x7A)
      || "-_./=,:@%+".utf8.contains($0)
  }
  return plain && !word.isEmpty
    ? word : "'" + word.replacing("'", with: #"'\''"#) + "'"
}
