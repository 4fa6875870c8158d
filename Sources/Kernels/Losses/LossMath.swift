// Vector functions that the losses are made of: log, and the pair softplus and sigmoid.
// Polynomials are Chebyshev fits; bounds were measured over the whole domain by the tests.
// Every function carries NaN through to its result, so that divergence cannot hide.

import CVector

/// Seven coefficients of a polynomial, that of the highest power first.
typealias Coefficients = (Float, Float, Float, Float, Float, Float, Float)

/// Value of `c.0 * x⁶ + … + c.6` by Horner's rule, all steps fused multiply-adds.
@inline(__always)
func polynomial(_ x: Lanes, _ c: Coefficients) -> Lanes {
  var value = Lanes(repeating: c.1).addingProduct(Lanes(repeating: c.0), x)
  value = Lanes(repeating: c.2).addingProduct(value, x)
  value = Lanes(repeating: c.3).addingProduct(value, x)
  value = Lanes(repeating: c.4).addingProduct(value, x)
  value = Lanes(repeating: c.5).addingProduct(value, x)
  return Lanes(repeating: c.6).addingProduct(value, x)
}

/// log(1 + u) for u in [0, 1], relative error below 2e-7.
@inline(__always)
func logOnePlus(_ u: Lanes) -> Lanes {
  let head = polynomial(
    u,
    (-0.003176057, 0.019542526, -0.05637361, 0.105436236, -0.15269667, 0.19663274, -0.24951616))
  var value = Lanes(repeating: 0.3332971).addingProduct(head, u)
  value = Lanes(repeating: -0.49999893).addingProduct(value, u)
  value = Lanes(repeating: 1).addingProduct(value, u)
  return value * u
}

/// log(w) for positive normal w, error below 2e-7 · max(1, |log w|), relative near 1.
@inline(__always)
func naturalLogarithm(_ w: Lanes) -> Lanes {
  let bits = unsafeBitCast(w, to: SIMD16<Int32>.self)
  // 0x3f3504f3 is √½: the mantissa is taken from [√½, √2).
  let exponent = (bits &- 0x3f35_04f3) &>> 23
  let mantissa = unsafeBitCast(bits &- (exponent &<< 23), to: Lanes.self)
  let f = mantissa - 1
  let head = polynomial(
    f,
    (-0.07451186, 0.12806611, -0.13266031, 0.1419965, -0.1660837, 0.20000939, -0.2500158))
  var value = Lanes(repeating: 0.33333346).addingProduct(head, f)
  value = Lanes(repeating: -0.49999988).addingProduct(value, f)
  value = Lanes(repeating: 1).addingProduct(value, f)
  let power = vector_float(exponent)
  value = (power * -2.1219444e-4).addingProduct(value, f)
  return value.addingProduct(power, Lanes(repeating: 0.693359375))
}

/// What the losses need of one logit x.
struct LogisticTerms {
  /// log(1 + e^x), relative error below 4e-7; NaN if x is NaN or -∞, ∞ if it is +∞.
  let softplus: Lanes
  /// log(1 + e^-x) = -log σ(x), relative error below 4e-7.
  let negativeSoftplus: Lanes
  /// σ(x), relative error below 4e-7.
  let sigmoid: Lanes
  /// 1 - σ(x) = σ(-x), without cancellation, relative error below 4e-7.
  let complement: Lanes
}

/// The three terms for sixteen logits, at the price of one exponential and one division.
@inline(__always)
func logisticTerms(_ x: Lanes) -> LogisticTerms {
  let magnitude = vector_abs(x)
  let e = exponential(-magnitude)
  let logarithm = logOnePlus(e)
  let (large, negative) = (1 / (1 + e), x .< 0)
  let small = e * large
  // max(x, 0) written so that NaN and -∞ come out as NaN.
  let positivePart = (x + magnitude) * 0.5
  let negativePart = (magnitude - x) * 0.5
  return LogisticTerms(
    softplus: positivePart + logarithm, negativeSoftplus: negativePart + logarithm,
    sigmoid: large.replacing(with: small, where: negative),
    complement: small.replacing(with: large, where: negative))
}
