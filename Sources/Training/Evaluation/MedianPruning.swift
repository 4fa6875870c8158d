import Objectives

/// Ends a run that falls behind others: the median stopping rule of Golovin et al., "Google Vizier:
/// A Service for Black-Box Optimization" (2017), section 3.2.1, on best values.
///
/// After evaluation k a run is given up if its best value so far is worse than the median of the
/// best values that the other runs had up to their evaluation k. Each of the others counts, one
/// that ended earlier with the best that it ever had, so that the bar does not rise as bad
/// runs drop out.
package struct MedianPruning: Sendable, Equatable {
  /// What the runs are compared by.
  let metric: MetricName
  /// Evaluations after which a run may be given up at the earliest.
  let grace: Int
  /// The metric at each evaluation of each other run.
  let others: [[Double]]
  /// The metric at each evaluation of this run.
  private(set) var values: [Double] = []

  /// Fewer others say too little about what is usual.
  static let fewestOthers = 3

  package init(metric: MetricName, grace: Int, others: [[Double]]) {
    self.metric = metric
    self.grace = grace
    self.others = others.filter { !$0.isEmpty }
  }

  /// Takes the value of the next evaluation.
  mutating func add(_ value: Double) { values.append(value) }

  /// Whether the run has fallen behind.
  var isBehind: Bool {
    guard values.count >= grace, others.count >= Self.fewestOthers, let own = best(of: values[...])
    else { return false }
    let rivals = others.compactMap { best(of: $0.prefix(values.count)) }.sorted()
    guard rivals.count >= Self.fewestOthers else { return false }
    let middle = rivals.count / 2
    let median =
      rivals.count.isMultiple(of: 2) ? (rivals[middle - 1] + rivals[middle]) / 2 : rivals[middle]
    return metric.isBetter(median, than: own)
  }

  /// The best of the values; NaN never is.
  private func best(of values: ArraySlice<Double>) -> Double? {
    let numbers = values.filter { !$0.isNaN }
    return metric.greaterIsBetter ? numbers.max() : numbers.min()
  }
}
