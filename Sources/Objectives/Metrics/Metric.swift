// Metrics are states that rows are added to and whose integers are added over the ranks. Nothing
// of the size rows × labels is kept, and the sums are exact: any sharding gives the same bits.

import Memory

/// One figure of an evaluation.
public struct Metric: Sendable, Equatable {
  /// Its name as reported, prefix and suffix included.
  public let name: String
  /// Its value.
  public let value: Double

  /// A figure with its name.
  public init(_ name: String, _ value: Double) {
    self.name = name
    self.value = value
  }
}

/// A part of an evaluation that is merged by adding integers.
protocol MergeableState {
  /// How many integers make up the state.
  var integerCount: Int { get }
  /// Writes the state, `[integerCount]`.
  func write(to integers: Vector<Int64>)
  /// Replaces the state by one that was written, or by a sum of such.
  func read(from integers: Vector<Int64>)
}

/// numerator / denominator, 0 where that is 0/0.
func fraction(_ numerator: Int, _ denominator: Int) -> Double {
  denominator == 0 ? 0 : Double(numerator) / Double(denominator)
}
