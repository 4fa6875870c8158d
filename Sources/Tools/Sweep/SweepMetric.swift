import Reporting
import Storage

/// The metric by which a sweep compares its variants.
public struct SweepMetric: Equatable {
  /// Without the prefix `eval_`, as in results.json.
  let name: String
  let greaterIsBetter: Bool

  /// F1 at the threshold that is tuned on validation: unlike a loss it can be compared between different
  /// losses and weights, and unlike F1 at 0.5 it does not say only how far their probabilities lean.
  public static let defaultName = "micro_f1_tuned"

  /// A metric by its name, with or without `eval_`.
  init(_ name: String) {
    self.name = name.hasPrefix("eval_") ? String(name.dropFirst(5)) : name
    greaterIsBetter = !["loss", "error"].contains { name.hasSuffix($0) }
  }

  /// The name in `metrics.jsonl`.
  var loggedName: String { "eval_\(name)" }

  func isBetter(_ value: Double, than other: Double) -> Bool {
    greaterIsBetter ? value > other : value < other
  }

  /// Throws unless the evaluations of a run, whose metrics have these names, give the metric.
  func check(metrics: [String]) throws(Failure) {
    guard !metrics.contains(loggedName) else { return }
    let nearest = nearestName(to: loggedName, among: metrics).map {
      "; did you mean \($0.dropFirst(5))?"
    }
    throw Failure(.usage, "--metric \(name): no evaluation gives this" + (nearest ?? ""))
  }
}
