extension Vector {
  /// Lends the values as a checked, read-only span: loops over it are inlined, unlike loops over
  /// the vector's own subscript.
  public func withSpan<Result, Thrown: Error>(
    _ body: (Span<Element>) throws(Thrown) -> Result
  ) throws(Thrown) -> Result {
    try body(UnsafeBufferPointer(start: pointer, count: count).span)
  }
}
