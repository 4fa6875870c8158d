// Elementary functions on 16 floats at a time, and loads and stores of whole and partial vectors.
// Arithmetic: Lanes.swift. Each function states its error, which Tests/KernelsTests checks against
// the C library.

import CVector

@inline(__always)
func load(_ pointer: UnsafePointer<Float>) -> Lanes {
  UnsafeRawPointer(pointer).loadUnaligned(as: Lanes.self)
}

@inline(__always)
func store(_ value: Lanes, _ pointer: UnsafeMutablePointer<Float>) {
  UnsafeMutableRawPointer(pointer).storeBytes(of: value, as: Lanes.self)
}

/// The first `count` floats, the others `padding`.
@inline(__always)
func load(_ pointer: UnsafePointer<Float>, _ count: Int, padding: Float = 0) -> Lanes {
  if count == laneCount { return load(pointer) }
  var value = Lanes(repeating: padding)
  for lane in 0..<count { value[lane] = pointer[lane] }
  return value
}

/// Stores the first `count` floats.
@inline(__always)
func store(_ value: Lanes, _ pointer: UnsafeMutablePointer<Float>, _ count: Int) {
  if count == laneCount { return store(value, pointer) }
  for lane in 0..<count { pointer[lane] = value[lane] }
}

/// Calls `body(offset, lanes)` for each vector of `count` floats; `lanes` is 16 but for the last.
/// The body is inlined twice, so that the whole vectors carry no trace of the partial one.
@inline(__always)
func forEachVector(_ count: Int, _ body: (_ offset: Int, _ lanes: Int) -> Void) {
  var offset = 0
  while offset &+ laneCount <= count {
    body(offset, laneCount)
    offset &+= laneCount
  }
  if offset < count { body(offset, count &- offset) }
}

extension Lanes {
  /// Lanes from `count` on become `value`, whatever they held.
  @inline(__always)
  mutating func clear(from count: Int, to value: Float = 0) {
    self = vector_replace_from(self, Int32(truncatingIfNeeded: count), value)
  }
}

/// The sum of the lanes, added as a tree: (0+8)+(4+12)…, the same order on every machine.
@inline(__always)
func horizontalSum(_ value: Lanes) -> Float {
  let eight = value.lowHalf + value.highHalf
  let four = eight.lowHalf + eight.highHalf
  let two = four.lowHalf + four.highHalf
  return two.x + two.y
}

/// e^x, within 1.25 units in the last place; below −87.3 it is e^−87.3, above 88.3 e^88.3, and
/// not a number if x is not.
///
/// x = n·ln 2 + r with |r| ≤ ln 2 / 2; e^r is a polynomial of degree 7 fitted for least relative
/// error.
@inline(__always)
package func exponential(_ x: Lanes) -> Lanes {
  // The order of the operands lets NaN through: see vector_max.
  let bounded = vector_min(Lanes(repeating: 88.3), vector_max(Lanes(repeating: -87.3), x))
  let shifted = Lanes(repeating: roundingShift).addingProduct(bounded, Lanes(repeating: log2e))
  let n = shifted - roundingShift
  var r = bounded.addingProduct(n, Lanes(repeating: -0.693_359_375))
  r = r.addingProduct(n, Lanes(repeating: 2.121_944_4e-4))
  var p = Lanes(repeating: 1.978_926_2e-4)
  p = Lanes(repeating: 0.001_394_575_2).addingProduct(p, r)
  p = Lanes(repeating: 0.008_333_504).addingProduct(p, r)
  p = Lanes(repeating: 0.041_666_28).addingProduct(p, r)
  p = Lanes(repeating: 0.166_666_657).addingProduct(p, r)
  p = Lanes(repeating: 0.5).addingProduct(p, r)
  return (r + 1).addingProduct(p, r * r) * vector_exponent(shifted)
}

/// 2^x for x < 127.5, within 2.5 units in the last place; below −126 it is 2^−126, and not a number
/// where x is not. With fewer operations than `exponential`, for where the factor log₂ e
/// can stand elsewhere.
///
/// x = n + f with |f| ≤ 1/2; 2^f is a polynomial of degree 5, 1 at 0, fitted for
/// least relative error.
@inline(__always)
package func powerOfTwo(_ x: Lanes) -> Lanes {
  let bounded = vector_max(Lanes(repeating: -126), x)
  let shifted = bounded + roundingShift
  let f = bounded - (shifted - roundingShift)
  var p = Lanes(repeating: 0.001_326_47)
  p = Lanes(repeating: 0.009_671_51).addingProduct(p, f)
  p = Lanes(repeating: 0.055_507_34).addingProduct(p, f)
  p = Lanes(repeating: 0.240_222_42).addingProduct(p, f)
  p = Lanes(repeating: 0.693_146_98).addingProduct(p, f)
  return Lanes(repeating: 1).addingProduct(p, f) * vector_exponent(shifted)
}

/// log₂ e, and ln 2, which takes it out again.
let log2e: Float = 1.442_695_04
let naturalLogarithmOfTwo: Float = 0.693_147_18

/// 1.5·2²³ + 127: what it is added to is rounded to an integer n, and the low bits of the sum are n
/// + 127, the exponent of 2^n.
private let roundingShift: Float = 12_583_039

/// Φ(x), the standard normal distribution, and e^(−x²/2), which is √(2π) times its density.
///
/// Φ(−|x|) = e^(−x²/2)·t·P(t)/2 with t = 1/(1 + |x|/√8) and P of degree 8, fitted for least
/// relative error to e^(z²)·erfc(z), z = |x|/√2. Absolute error of Φ below 2.2e-7; relative error
/// of Φ(−|x|) below 8e-7 down to x = −5 and 2.5e-6 down to −9, where the rounding of x² tells.
@inline(__always)
package func normalDistribution(_ x: Lanes) -> (cumulative: Lanes, exponential: Lanes) {
  let magnitude = vector_abs(x)
  let t = 1 / Lanes(repeating: 1).addingProduct(magnitude, Lanes(repeating: 0.353_553_39))
  var p = Lanes(repeating: -0.059_043_087)
  p = Lanes(repeating: 0.284_448_36).addingProduct(p, t)
  p = Lanes(repeating: -0.486_936_84).addingProduct(p, t)
  p = Lanes(repeating: 0.277_765_07).addingProduct(p, t)
  p = Lanes(repeating: -0.026_416_66).addingProduct(p, t)
  p = Lanes(repeating: 0.202_598).addingProduct(p, t)
  p = Lanes(repeating: 0.243_126_35).addingProduct(p, t)
  p = Lanes(repeating: 0.282_372_18).addingProduct(p, t)
  p = Lanes(repeating: 0.282_086_61).addingProduct(p, t)
  let density = exponential(x * x * -0.5)
  let lower = density * t * p * 0.5
  return ((1 - lower).replacing(with: lower, where: x .< 0), density)
}

/// `forEachVector` for reductions: `isSecond` alternates, so that two accumulators hide the
/// latency of an addition.
@inline(__always)
func forEachVectorPair(
  _ count: Int, _ body: (_ offset: Int, _ lanes: Int, _ isSecond: Bool) -> Void
) {
  var offset = 0
  while offset + 2 * laneCount <= count {
    body(offset, laneCount, false)
    body(offset + laneCount, laneCount, true)
    offset += 2 * laneCount
  }
  forEachVector(count - offset) { rest, lanes in body(offset + rest, lanes, false) }
}
