import Memory

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
