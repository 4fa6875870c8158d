/// The central 95 % of bootstrap replicates, by the percentile method (Efron 1979).
public struct CentralInterval: Sendable, Equatable {
  /// The 2.5 % and the 97.5 % quantile, each the nearest replicate.
  public let low, high: Double

  /// Of a figure's replicates; nil of none.
  public init?(_ replicates: [Double]) {
    guard !replicates.isEmpty else { return nil }
    let sorted = replicates.sorted()
    let last = Double(sorted.count - 1)
    low = sorted[Int((0.025 * last).rounded())]
    high = sorted[Int((0.975 * last).rounded())]
  }
}
