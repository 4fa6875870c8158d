// What is known of a sweep's variants so far: sweep.json, which is rewritten after each of them.

import Objectives
import Reporting
import Storage

/// How a variant ended, or where it stands.
enum VariantState: String {
  /// It has not begun, or was begun and killed.
  case waiting
  /// A signal stopped it; its checkpoint is there.
  case stopped
  /// It reached its last step.
  case finished
  /// It stopped early, as its own configuration says.
  case stoppedEarly = "early_stop"
  /// It fell behind the others and was given up.
  case pruned
  /// Loss or gradient became NaN or infinite.
  case diverged

  /// Whether nothing is left to do.
  var isDone: Bool { self != .waiting && self != .stopped }
}

/// A variant's part of the record.
struct VariantRecord {
  var state = VariantState.waiting
  /// Wall time, over all starts; what a kill cut off is not counted.
  var seconds = 0.0
  /// A fingerprint of the data.
  var data = ""
  /// Why it failed.
  var failure: String?
  /// Its results.json, where it has one.
  var results: RunResults?
}

/// The record of a sweep.
struct SweepRecord {
  let plan: SweepPlan
  /// By variant.
  var variants: [VariantRecord]
  /// By what variants are compared.
  let metric: MetricName

  /// A record of variants that are all to be begun.
  init(_ plan: SweepPlan, metric: MetricName) {
    self.plan = plan
    self.metric = metric
    variants = plan.variants.map { _ in VariantRecord() }
  }

  /// The variants with results, the best first; of equals the one with the lower number.
  var ranking: [SweepVariant] {
    plan.variants.filter { value($0) != nil }.sorted { left, right in
      guard let first = value(left), let second = value(right), first != second else {
        return left.number < right.number
      }
      return metric.isBetter(first, than: second)
    }
  }

  /// The metric of a variant's best model on validation; nil without one, or where it is NaN.
  func value(_ variant: SweepVariant) -> Double? {
    let value = variants[variant.number - 1].results?.validation?[metric]
    return value.flatMap { $0.isNaN ? nil : $0 }
  }
}

extension SweepRecord {
  /// The content of sweep.json.
  var json: JSONValue {
    let all = plan.variants.map { variant -> JSONValue in
      let record = variants[variant.number - 1]
      return .object([
        "directory": .string(variant.name),
        "values": .object(JSONObject(variant.values.map { ($0.key, .string($0.text)) })),
        "configuration": .string(variant.configuration.hash),
        "data": .string(record.data),
        "state": .string(record.state.rawValue), "seconds": .double(record.seconds),
        "failure": record.failure.map { .string($0) } ?? .null,
        "results": record.results.map { .object($0.object) } ?? .null,
      ])
    }
    return [
      "metric": .string(metric.description),
      "best": ranking.first.map { .string($0.name) } ?? .null,
      "variants": .array(all),
    ]
  }

  /// Takes over what the record of an earlier start says. Throws where that is of another sweep.
  mutating func take(_ json: JSONValue, path: String) throws {
    let stored = json["variants"]?.array ?? []
    let names = plan.variants.map { "\($0.name) \($0.configuration.hash)" }
    let storedNames = stored.map { variant in
      "\(variant["directory"]?.string ?? "") \(variant["configuration"]?.string ?? "")"
    }
    guard names == storedNames else {
      throw Failure(
        .badConfiguration,
        "\(path) is of another sweep: of other variants, or with another configuration. Start this "
          + "one anew there by --overwrite, or give it a directory of its own by --output")
    }
    for (place, variant) in stored.enumerated() {
      guard let name = variant["state"]?.string, let state = VariantState(rawValue: name),
        let seconds = variant["seconds"]?.number, let data = variant["data"]?.string
      else { throw StorageError(.malformed, path, "is not the record of a sweep") }
      variants[place] = VariantRecord(
        state: state, seconds: seconds, data: data, failure: variant["failure"]?.string,
        results: variant["results"]?.object.flatMap(RunResults.init))
    }
  }
}
