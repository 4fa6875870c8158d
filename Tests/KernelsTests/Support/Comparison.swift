import Testing

/// The one comparison of a kernel with its scalar twin. A failure names the worst value.
func expectClose(
  _ actual: [Float], _ expected: [Double], within tolerance: Tolerance, _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard actual.count == expected.count else {
    Issue.record(
      "\(what): \(actual.count) values, expected \(expected.count)", sourceLocation: sourceLocation)
    return
  }
  guard !expected.isEmpty else { return }
  let meanSquare = expected.reduce(0) { $0 + $1 * $1 } / Double(expected.count)
  let floor = meanSquare.squareRoot()
  var worst = (index: 0, excess: -1.0)
  for (index, value) in expected.enumerated() {
    let error = abs(Double(actual[index]) - value)
    let excess = error - tolerance.relative * (abs(value) + floor)
    // A NaN counts as the worst of all.
    if !(excess <= worst.excess) { worst = (index, excess.isNaN ? .infinity : excess) }
  }
  let index = worst.index
  if worst.excess > 0 {
    Issue.record(
      """
      \(what)[\(index)] of \(expected.count) is \(actual[index]), expected \(expected[index]), \
      rms \(floor), allowed \(tolerance.relative) relative: \(tolerance.reason)
      """, sourceLocation: sourceLocation)
  }
}

/// Whether two arrays hold the same bits; NaNs of the same bits are equal, 0 and −0 are not.
func haveSameBits(_ a: [Float], _ b: [Float]) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { $0.bitPattern == $1.bitPattern }
}
