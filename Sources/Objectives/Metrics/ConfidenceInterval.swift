/// An approximate 95 % confidence interval by the jackknife.
///
/// Let θ₍ᵢ₎ be a figure without row i of N. Its standard error is √((N − 1)/N · Σᵢ (θ₍ᵢ₎ − θ̄)²),
/// θ̄ the mean of all θ₍ᵢ₎ (Tukey 1958). The interval is the figure ± 1.96 standard errors. It
/// speaks of other rows of the same kind: 95 of 100 such intervals hold the mean figure of sets of
/// N rows (docs/intervals.md has the coverage).
public struct ConfidenceInterval: Sendable, Equatable {
  public let low, high: Double

  /// - Parameters:
  ///   - value: the figure, or the difference of two figures.
  ///   - changes: what it changes by without each row, θ₍ᵢ₎ − θ, `[N]`; nil with fewer than two
  ///     rows.
  public init?(_ value: Double, changes: [Double]) {
    guard changes.count > 1 else { return nil }
    let count = Double(changes.count)
    let mean = changes.reduce(0, +) / count
    let squares = changes.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let reach = 1.959964 * ((count - 1) / count * squares).squareRoot()
    (low, high) = (value - reach, value + reach)
  }

  /// The part of it that a figure from 0 to 1 can reach.
  var ofFraction: (low: Double, high: Double) { (max(low, 0), min(high, 1)) }
}
