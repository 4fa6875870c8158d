import Foundation

/// How far a kernel's float may lie from its scalar twin's double, and why.
///
/// A value passes when |actual − expected| ≤ relative · (|expected| + rms of all expected values):
/// the second term is there because sums of terms of both signs lose digits where they cancel. All
/// values must pass, or all but a few outliers.
struct Tolerance {
  let reason: String
  let relative: Double
  /// The share of values, if any, that need not pass, and what those must pass.
  var outliers: (share: Double, relative: Double)?

  /// 2⁻²⁴, the largest relative error of one rounding to float.
  static let roundoff = 5.960_464_477_539_063e-08

  /// Copies, comparisons, and results that are representable.
  static let exact = Tolerance(reason: "no rounding happens", relative: 0)

  /// A handful of float operations a value.
  static let elementwise = Tolerance(reason: "up to 8 roundings a value", relative: 8 * roundoff)

  /// GELU and its slope. Φ is within 2.2e-7 absolutely, which x up to 4 multiplies.
  static let normalDistribution = Tolerance(
    reason: "the bound of normalDistribution, times x", relative: 1e-6)

  /// LayerNorm and its gradient: a sum for the mean, one for the variance, a square root, then
  /// elementwise work. Partial sums in 16 or 32 lanes keep the sums' errors at a few roundings.
  static let layerNorm = Tolerance(
    reason: "two lane-wise sums, a root and 10 roundings", relative: 32 * roundoff)

  /// Attention: two products, a power of two (2.5 units), a division, each feeding the next;
  /// an error in a score of size s becomes a relative error of its probability.
  static let attention = Tolerance(
    reason: "chained products and a power of two of their errors", relative: 96 * roundoff)

  /// Attention from operands that are rounded to bfloat16, in the twin as in the kernel. If the
  /// twin's double and the kernel's float of a probability or of a score's gradient lie on two
  /// sides of a tie, it is off by 2⁻⁸ of itself, and with it the line of results that it goes into.
  /// (Queries, keys and values come out of a sum and a product, which the twin's double rounds to
  /// the same float but rarely.) One of `lines` lines of results may be such a line, however
  /// few there are.
  static func roundedAttention(lines: Int) -> Tolerance {
    Tolerance(
      reason: "as attention; single operands rounded to the other side",
      relative: attention.relative,
      outliers: (share: max(0.01, 1 / Double(lines)), relative: 1 / 64))
  }

  /// Sums of `terms` products in float: errors grow as a random walk, √n, with a margin of 4.
  static func sum(of terms: Int) -> Tolerance {
    Tolerance(
      reason: "√\(terms) roundings of a sum, times 4",
      relative: 4 * roundoff * (2 + Double(terms).squareRoot()))
  }

  /// Central differences with step 1e-4 in double err by 1e-8 times the third derivative; the rest
  /// is the kernel's own float error.
  static let finiteDifference = Tolerance(
    reason: "truncation of the difference and float roundings", relative: 2e-5)
}
