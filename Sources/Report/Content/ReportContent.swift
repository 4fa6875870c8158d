// What the page shows, as JSON. A section is an extension in a file of its own; the page's scripts
// in Resources draw it.

import Foundation
import Objectives
import Reporting
import Storage

/// The content of a report.
struct ReportContent {
  let findings: Findings
  /// What the run is compared with.
  let base: Findings?
  let showsTexts: Bool

  var run: FinishedRun { findings.run }

  /// Bytes of the page's data up to which rows are added.
  private static let byteBudget = 880_000
  /// Bytes for rows that there always are, however many labels.
  private static let fewestRowBytes = 250_000

  /// The content, and what the user should know of it.
  func json() -> (content: JSONValue, notes: [String]) {
    var content: JSONObject = [
      "run": .string(run.path), "part": .string(run.part.rawValue),
      "program": .string("\(Program.name) \(Program.version)"),
      "summary": .array(summary.map { .string($0) }),
      "figures": .array(figures), "decisions": .array(decisions),
      "steps": .array(NextStep.all(findings).map(step)),
      "training": training, "labels": labels, "twins": .array(twins), "groups": .array(groups),
      "data": data, "time": time, "again": again,
    ]
    content["thresholds"] = thresholds
    content["base"] = comparison
    let used = JSONValue.object(content).text().utf8.count
    let examples = ReportRows(
      findings, showsTexts: showsTexts, bytes: max(Self.byteBudget - used, Self.fewestRowBytes))
    let notes = [examples.obstacle, lackOfScores].compactMap { $0 }
    content["rows"] = .array(examples.rows)
    content["examples"] = examples.byLabel
    content["suspicious"] = .array(examples.suspicious)
    content["suspicious_count"] = .integer(findings.suspicious.count)
    content["notes"] = .array(notes.map { .string($0) })
    return (.object(content), notes)
  }

  private var lackOfScores: String? {
    findings.kept == nil
      ? "the run has kept no scores, so there are no curves and no example rows; resume it to write "
        + "them (--resume trains nothing)" : nil
  }

  private func step(_ step: NextStep) -> JSONValue {
    .object([
      "title": .string(step.title), "evidence": .string(step.evidence),
      "command": step.command.map { .string($0) } ?? .null,
    ])
  }

  /// What was trained on what, in a few words.
  private var summary: [String] {
    let model = run.configuration.model
    let name =
      switch model.kind {
      case .linear: "linear model on TF-IDF features"
      case .bert:
        lastComponent(of: model.nameOrPath ?? "BERT") + (model.tfidf == nil ? "" : " + TF-IDF")
      }
    let training = run.log.start.map { "\(grouped(Double($0.trainingRows))) training rows" }
    let tested = findings.kept.map { "\(grouped(Double($0.rowCount))) \(run.part.rawValue) rows" }
    let seconds = run.log.steps.reduce(0) { $0 + $1.totalSeconds }
    return [
      name, training, tested, "\(run.labels.count) labels",
      seconds > 0 ? "\(duration(seconds)) of training" : nil,
    ].compactMap { $0 }
  }

  /// The figures at the top.
  private var figures: [JSONValue] {
    let kind = run.decisions
    func figure(_ title: String, _ name: MetricName, note: String) -> JSONValue? {
      run.metrics?[name].map { value in
        var object: JSONObject = [
          "title": .string(title), "value": short(value), "note": .string(note),
        ]
        // Each run by the thresholds that it decides by.
        object["base"] = base.flatMap { base in
          base.run.metrics?[name.thresholds == .half ? name : name.by(base.run.decisions)]
        }.map { short($0) }
        return .object(object)
      }
    }
    let perLabel = run.metrics?[.macroF1.by(.perLabel)]
    return [
      figure("micro-F1", .microF1.by(kind), note: interval(.microF1, kind) ?? ""),
      figure(
        "macro-F1", .macroF1.by(kind),
        note: kind == .perLabel
          ? interval(.macroF1, kind) ?? ""
          : perLabel.map { "\(fixed($0, digits: 3)) with per-label thresholds" } ?? ""),
      figure("precision", MetricName("micro_precision", by: kind), note: "of the labels given"),
      figure("recall", MetricName("micro_recall", by: kind), note: "of the true labels"),
      figure("P@1", .precision(at: 1), note: "how often the top label is right"),
      figure("baseline", .baselineMicroF1, note: "micro-F1 of the most frequent labels"),
    ].compactMap { $0 }
  }

  private func interval(_ name: MetricName, _ kind: ThresholdKind) -> String? {
    guard let low = run.metrics?[MetricName("\(name.measure)_low", by: kind)],
      let high = run.metrics?[MetricName("\(name.measure)_high", by: kind)]
    else { return nil }
    return "95 %: \(fixed(low, digits: 3))–\(fixed(high, digits: 3))"
  }

  /// A line for each kind of thresholds.
  private var decisions: [JSONValue] {
    let global =
      run.results.globalThreshold.map {
        ", \($0 < 0.01 ? significant($0) : fixed($0, digits: 2))"
      } ?? ""
    let kinds: [(ThresholdKind, String)] = [
      (.global, "one threshold\(global)"), (.perLabel, "a threshold for each label"),
      (.saved, "evaluation.threshold"), (.half, "threshold 0.5"),
    ]
    return kinds.compactMap { kind, title in
      let names = [MetricName.microF1, .macroF1, "micro_precision", "micro_recall"]
      let values = names.compactMap { run.metrics?[$0.by(kind)] }
      guard values.count == names.count else { return nil }
      return .object([
        "title": .string(title), "interval": .string(interval(.microF1, kind) ?? ""),
        "values": .array(values.map { short($0) }), "chosen": .bool(kind == run.decisions),
      ])
    }
  }
}

/// A number with few digits: the page shows no more.
func short(_ value: Double, digits: Int = 4) -> JSONValue {
  guard value.isFinite else { return .null }
  let scale = pow(10, Double(digits))
  let rounded = (value * scale).rounded() / scale
  return rounded == rounded.rounded() && abs(rounded) < 1e15
    ? .integer(Int(rounded)) : .double(rounded)
}

/// A number with four significant digits.
func significantValue(_ value: Double) -> JSONValue {
  guard value.isFinite, value != 0 else { return value == 0 ? .integer(0) : .null }
  return short(value, digits: max(0, 3 - Int(log10(abs(value)).rounded(.down))))
}
