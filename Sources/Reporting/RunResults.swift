import Objectives
import Storage

/// The content of results.json: the best model of a run.
package struct RunResults: JSONRecord {
  package static let fields: [JSONField<Self>] = [
    JSONField("best_step", \.bestStep), JSONField("last_step", \.lastStep),
    JSONField("ended_by", \.endedBy), JSONField("skipped_steps", \.skippedSteps),
    JSONField("global_threshold", \.globalThreshold),
    JSONField(ifPresent: "validation", \.validation), JSONField(ifPresent: "test", \.test),
    JSONField(ifPresent: "warnings", \.warnings),
  ]
  package var bestStep = 0
  package var lastStep = 0
  package var endedBy = RunEnd.finished
  package var skippedSteps = 0
  /// The probability that was tuned on validation for all labels.
  package var globalThreshold: Double?
  package var validation: MetricValues?
  package var test: MetricValues?
  /// Why figures look better than they would on new rows; nil where nothing is known.
  package var warnings: [String]?
  package init() {}

  /// The metrics on a part of the rows; nil without such rows.
  package subscript(part: RunPart) -> MetricValues? { part == .validation ? validation : test }
}

/// The rows that results.json has metrics of.
package enum RunPart: String, Sendable, CaseIterable {
  case validation
  case test
}

/// Metrics by their names, in the order of the evaluation.
package struct MetricValues: Sendable, Equatable, JSONConvertible {
  package let metrics: [Metric]

  /// Metrics with different names.
  package init(_ metrics: [Metric]) { self.metrics = metrics }

  /// The value of a metric.
  package subscript(name: MetricName) -> Double? { metrics.first { $0.name == name }?.value }

  package var json: JSONValue {
    .object(JSONObject(metrics.map { ($0.name.description, .double($0.value)) }))
  }

  package init?(json: JSONValue) {
    guard let object = json.object else { return nil }
    metrics = object.compactMap { key, value in
      value.number.map { Metric(MetricName(parsing: key), $0) }
    }
  }
}
