// What has changed from another run to this one.

import Objectives
import Reporting
import Storage

extension ReportContent {
  /// nil where the report is of one run.
  var comparison: JSONValue? {
    guard let base else { return nil }
    func counts(_ value: (LabelFigures.Part) -> Int) -> JSONValue {
      .array(base.figures.map { .integer(value($0)) })
    }
    var object: JSONObject = [
      "run": .string(base.run.path), "tp": counts(\.truePositives), "fp": counts(\.falsePositives),
      "fn": counts(\.falseNegatives),
      "ap": .array(base.figures.map { short($0.averagePrecision, digits: 3) }),
      "evaluations": .array(base.run.log.evaluations.map(Self.point)),
      "changed": .array(changedSettings),
    ]
    if let mine = findings.kept?.rows, let other = base.kept?.rows,
      let difference = PairedDifference(mine, other)
    {
      object["micro_f1"] = .array(
        [difference.value, difference.interval.low, difference.interval.high].map { short($0) })
    }
    return .object(object)
  }

  private static func point(_ event: EvaluationEvent) -> JSONValue {
    let values = MetricValues(event.metrics)
    func value(_ name: MetricName) -> JSONValue { values[name].map(significantValue) ?? .null }
    return .array([
      short(event.epoch), value(.loss), value(.microF1.by(.global)),
      value(.macroF1.by(.global)),
    ])
  }

  /// The keys that the runs give different values.
  private var changedSettings: [JSONValue] {
    guard let base else { return [] }
    return run.configuration.differences(from: base.run.configuration)
      .filter { $0.key != "output_dir" }
      .map { [.string($0.key), .string($0.old.text()), .string($0.new.text())] }
  }
}
