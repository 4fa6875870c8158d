extension Vector {
  /// Lends the values as a checked, read-only span: loops over it are inlined, unlike loops over
  /// the vector's own subscript.
  public func withSpan<Result, Thrown: Error>(
    _ body: (Span<Element>) throws(Thrown) -> Result
  ) throws(Thrown) -> Result {
    try body(UnsafeBufferPointer(start: pointer, count: count).span)
  }
}

extension Vector where Element == Float {
  /// Where the first NaN or infinity stands; nil where there is none.
  public var firstNonFiniteIndex: Int? {
    withSpan { values in
      // x − x is 0 for every finite x and NaN otherwise: the usual case takes no branch per number.
      var sum: Float = 0
      for index in values.indices { sum += values[index] - values[index] }
      return sum == 0 ? nil : values.indices.first { !values[$0].isFinite }
    }
  }
}
