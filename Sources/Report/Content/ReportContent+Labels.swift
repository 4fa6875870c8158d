// Which labels are bad and why.

import Objectives
import Reporting
import Storage

extension ReportContent {
  /// The table of labels by columns.
  var labels: JSONValue {
    let all = run.labels.indices
    func counts(_ value: (LabelFigures.Part) -> Int) -> JSONValue {
      .array(all.map { .integer(value(findings.figures[$0])) })
    }
    var object: JSONObject = [
      "name": .array(all.map { .string(run.labels[$0].name) }),
      "train": .array(all.map { .integer(run.labels[$0].trainingPositives) }),
      "tp": counts(\.truePositives), "fp": counts(\.falsePositives), "fn": counts(\.falseNegatives),
      "ap": .array(all.map { short(findings.figures[$0].averagePrecision, digits: 3) }),
      "threshold": .array(all.map { short(run.labels[$0].threshold, digits: 3) }),
      "cause": .array(
        findings.causes.map { .integer(LabelCause.allCases.firstIndex(of: $0) ?? 0) }),
      "causes": .array(LabelCause.allCases.map { .string($0.rawValue) }),
    ]
    if !findings.errors.isEmpty {
      object["given"] = .array(all.map { pairs(findings.errors[$0].given) })
      object["taken_for"] = .array(all.map { pairs(findings.errors[$0].takenFor) })
    }
    return .object(object)
  }

  private func pairs(_ counts: [Int: Int]) -> JSONValue {
    .array(
      LabelErrors.top(counts).map { .array([.integer($0.label), .integer($0.rows)]) })
  }

  var twins: [JSONValue] {
    findings.twins.map {
      .array([
        .integer($0.first), .integer($0.second), .integer($0.rowsWithBoth),
        .integer($0.rowsWithEither),
      ])
    }
  }

  /// The labels by how frequent they are.
  var groups: [JSONValue] {
    FrequencyGroup.all(findings).map { group in
      var object: JSONObject = [
        "name": .string(group.name), "labels": .integer(group.labels),
        "f1": short(group.meanF1), "zero": .integer(group.zeros),
        "errors": short(group.errorShare),
      ]
      if let base {
        let before = group.members.reduce(0) { $0 + base.figures[$1].f1 } / Double(group.labels)
        object["base_f1"] = short(before)
      }
      return .object(object)
    }
  }

  /// What audit.json says of the rows.
  var data: JSONValue {
    var parts = JSONObject()
    for (name, part) in run.audit?["parts"]?.object ?? JSONObject() {
      let keys = [
        "rows", "labels_a_row", "rows_without_label", "rows_with_earlier_text",
        "rows_with_earlier_text_and_other_labels", "rows_with_text_of_training",
        "rows_with_text_of_validation", "labels_absent",
      ]
      parts[name] = .object(
        JSONObject(keys.map { ($0, part[$0]?.number.map { short($0, digits: 2) } ?? .null) }))
    }
    return .object(parts)
  }

  /// The counts of decisions at each threshold, and whether scores are probabilities.
  var thresholds: JSONValue? {
    guard let curve = findings.kept?.curve else { return nil }
    var (scores, positives) = (0, 0)
    var points: [JSONValue] = []
    for bin in (0..<ScoreCurve.bins).reversed() {
      scores += curve.scores[bin]
      positives += curve.positives[bin]
      let probability = sigmoidOfEdge(bin)
      guard (0.0005...0.9995).contains(probability) else { continue }
      points.append(.array([short(probability, digits: 5), .integer(scores), .integer(positives)]))
    }
    return .object([
      "points": .array(points.reversed()), "calibration_errors": calibrationErrors,
      "support": .integer(curve.positives.reduce(0, +)),
      "global": run.results.globalThreshold.map { short($0, digits: 5) } ?? .null,
      "kind": .string(run.decisions.rawValue),
      "reliability": .array(
        ReliabilityBin.all(curve).map {
          .array([short($0.score), short($0.frequency), .integer($0.count)])
        }),
    ])
  }

  /// Of scores and of calibrated probabilities; null in a run of a version that had none.
  private var calibrationErrors: JSONValue {
    let names = ["", "calibrated_"].map { MetricName("\($0)expected_calibration_error") }
    let values = names.compactMap { run.metrics?[$0] }
    return values.count == names.count ? .array(values.map { short($0, digits: 6) }) : .null
  }

  private func sigmoidOfEdge(_ bin: Int) -> Double { score(Float(ScoreCurve.edge(bin))) }
}
