// The logistic function and its logarithm in double precision: exact where it matters, used for
// the few positives, for the prior bias and as the definition that vector kernels are tested by.

import Foundation

/// log(1 + e^x), without overflow.
package func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }

/// 1 / (1 + e^-x), without overflow.
package func sigmoid(_ x: Double) -> Double {
  let e = exp(-abs(x))
  return (x < 0 ? e : 1) / (1 + e)
}

/// Natural logarithm.
package func logarithm(_ x: Double) -> Double { log(x) }

/// log(p / (1 - p)); -∞ for p <= 0 and ∞ for p >= 1.
package func logit(_ p: Double) -> Double {
  guard p > 0 else { return -.infinity }
  guard p < 1 else { return .infinity }
  return log(p) - log1p(-p)
}
