import Testing

/// Expects a kernel's result to be that of its scalar twin. A failure names the worst value.
func expectClose(
  _ actual: [Float], _ expected: [Double], within tolerance: Tolerance, _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  if let difference = difference(actual, expected, within: tolerance, what) {
    Issue.record("\(difference)", sourceLocation: sourceLocation)
  }
}

/// The one comparison of a kernel with its scalar twin: what is wrong with the worst value, or nil.
func difference(
  _ actual: [Float], _ expected: [Double], within tolerance: Tolerance, _ what: String
) -> String? {
  guard actual.count == expected.count else {
    return "\(what): \(actual.count) values, expected \(expected.count)"
  }
  guard !expected.isEmpty else { return nil }
  let meanSquare = expected.reduce(0) { $0 + $1 * $1 } / Double(expected.count)
  let floor = meanSquare.squareRoot()
  /// How far a value's error exceeds what is allowed; a NaN does so by more than any other.
  func excess(_ index: Int, _ relative: Double) -> Double {
    let excess =
      abs(Double(actual[index]) - expected[index]) - relative * (abs(expected[index]) + floor)
    return excess.isNaN ? .infinity : excess
  }
  func failing(_ relative: Double) -> [Int] {
    expected.indices.filter { excess($0, relative) > 0 }
  }
  var (places, relative) = (failing(tolerance.relative), tolerance.relative)
  if let outliers = tolerance.outliers,
    Double(places.count) <= outliers.share * Double(expected.count)
  {
    (places, relative) = (failing(outliers.relative), outliers.relative)
  }
  guard let worst = places.max(by: { excess($0, relative) < excess($1, relative) }) else {
    return nil
  }
  return """
    \(what): \(places.count) of \(expected.count) values differ: [\(worst)] is \(actual[worst]), \
    expected \(expected[worst]), rms \(floor), allowed \(relative) relative: \(tolerance.reason)
    """
}

/// Whether two arrays hold the same bits; NaNs of the same bits are equal, 0 and −0 are not.
func haveSameBits(_ a: [Float], _ b: [Float]) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { $0.bitPattern == $1.bitPattern }
}
