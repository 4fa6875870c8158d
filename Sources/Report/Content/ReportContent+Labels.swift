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
    let groups = LabelGroups(
      counts: TrainingCounts(
        rows: run.labels.map(\.trainingPositives).max() ?? 0,
        positives: run.labels.map(\.trainingPositives)))
    let errors = findings.figures.reduce(0) { $0 + $1.errors }
    return groups.all.map { group in
      let members = group.labels.map { findings.figures[$0] }
      let mean = members.reduce(0) { $0 + $1.f1 } / Double(members.count)
      var object: JSONObject = [
        "name": .string(group.frequency.rawValue), "labels": .integer(members.count),
        "f1": short(mean), "zero": .integer(members.count { $0.truePositives == 0 }),
        "errors": short(ratio(members.reduce(0) { $0 + $1.errors }, errors)),
      ]
      if let base {
        let before = group.labels.reduce(0) { $0 + base.figures[$1].f1 } / Double(members.count)
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
      "points": .array(points.reversed()),
      "support": .integer(curve.positives.reduce(0, +)),
      "global": run.results.globalThreshold.map { short($0, digits: 5) } ?? .null,
      "kind": .string(run.decisions.rawValue),
      "reliability": .array(
        ReliabilityBin.all(curve).map {
          .array([short($0.score), short($0.frequency), .integer($0.count)])
        }),
    ])
  }

  private func sigmoidOfEdge(_ bin: Int) -> Double { score(Float(ScoreCurve.edge(bin))) }
}
