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
  let errors = expected.indices.map { abs(Double(actual[$0]) - expected[$0]) }
  // A NaN is above every limit.
  func fails(_ index: Int, _ relative: Double) -> Bool {
    !(errors[index] <= relative * (abs(expected[index]) + floor))
  }
  var failing = expected.indices.filter { fails($0, tolerance.relative) }
  if let outliers = tolerance.outliers,
    Double(failing.count) <= outliers.share * Double(expected.count)
  {
    failing.removeAll { !fails($0, outliers.relative) }
  }
  guard let worst = failing.max(by: { errors[$0] < errors[$1] || errors[$1].isNaN }) else {
    return nil
  }
  return """
    \(what): \(failing.count) of \(expected.count) values differ: [\(worst)] is \(actual[worst]), \
    expected \(expected[worst]), rms \(floor), allowed \(tolerance.relative) relative: \
    \(tolerance.reason)
    """
}

/// Whether two arrays hold the same bits; NaNs of the same bits are equal, 0 and −0 are not.
func haveSameBits(_ a: [Float], _ b: [Float]) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { $0.bitPattern == $1.bitPattern }
}
