// Metrics are states that rows are added to and whose integers are added over the ranks. Nothing
// of the size rows × labels is kept, and the sums are exact: any sharding gives the same bits.

/// One figure of an evaluation.
public struct Metric: Sendable, Equatable {
  /// What it measures.
  public let name: MetricName
  /// Its value.
  public let value: Double

  /// A figure with its name.
  public init(_ name: MetricName, _ value: Double) {
    self.name = name
    self.value = value
  }
}
