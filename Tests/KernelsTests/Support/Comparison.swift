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
  var worst = (index: 0, excess: -1.0)
  for (index, value) in expected.enumerated() {
    let error = abs(Double(actual[index]) - value)
    let excess = error - tolerance.relative * (abs(value) + floor)
    // A NaN counts as the worst of all.
    if !(excess <= worst.excess) { worst = (index, excess.isNaN ? .infinity : excess) }
  }
  guard worst.excess > 0 else { return nil }
  let index = worst.index
  return """
    \(what)[\(index)] of \(expected.count) is \(actual[index]), expected \(expected[index]), \
    rms \(floor), allowed \(tolerance.relative) relative: \(tolerance.reason)
    """
}

/// Whether two arrays hold the same bits; NaNs of the same bits are equal, 0 and −0 are not.
func haveSameBits(_ a: [Float], _ b: [Float]) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { $0.bitPattern == $1.bitPattern }
}
