import Objectives
import Reporting
import Storage

// The metric by which a sweep compares its variants.

extension MetricName {
  /// F1 at the threshold that is tuned on validation: unlike a loss it can be compared between
  /// different losses and weights, and unlike F1 at 0.5 it does not say only how far their
  /// probabilities lean.
  static let sweepDefault = MetricName.microF1.by(.global)

  /// Throws unless the evaluations of a run give the metric.
  func check(among metrics: [MetricName]) throws(Failure) {
    guard !metrics.contains(self) else { return }
    let nearest = nearestName(to: description, among: metrics.map(\.description)).map {
      "; did you mean \($0)?"
    }
    throw Failure(.usage, "--metric \(self): no evaluation gives this" + (nearest ?? ""))
  }
}
