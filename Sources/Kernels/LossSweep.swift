// One sweep over a row of logits, sixteen at a time, in place: the shape of every loss kernel.

import Memory

/// The number of values that `count` takes when rounded up to whole vectors of sixteen.
package func laneCount(_ count: Int) -> Int { (count + 15) / 16 * 16 }

/// Per-label parameters `[L]` padded with `padding` to whole vectors, as the kernels read them.
package func laneVector(_ values: [Float], padding: Float = 0) -> Vector<Float> {
  let result = Vector<Float>(zeros: laneCount(values.count))
  result.fill(padding)
  result[0..<values.count].copy(from: values)
  return result
}

/// A logit so low that the negative part of every loss and its derivative vanish there.
package let maskedLogit: Float = -1e30

/// Eight vectors' losses are added in single precision, their sums in double: the error stays
/// that of a single value however many labels there are.
private let vectorsPerBlock = 8

/// Replaces each of the `count` values x at `row` by the gradient that `term` gives for x and
/// returns the sum of the losses, added in a fixed order. `term` also gets the label of its first
/// lane; lanes past the end hold `maskedLogit`.
@inline(__always)
func sweepRow(
  _ row: UnsafeMutablePointer<Float>, count: Int,
  term: (_ x: Lanes, _ label: Int) -> (loss: Lanes, gradient: Lanes)
) -> Double {
  var total = SIMD16<Double>(repeating: 0)
  let base = UnsafeMutableRawPointer(row)
  let whole = count / 16
  var index = 0
  while index < whole {
    let end = min(index + vectorsPerBlock, whole)
    var block = Lanes(repeating: 0)
    while index < end {
      let address = base + index * 64
      let (loss, gradient) = term(address.loadUnaligned(as: Lanes.self), index * 16)
      block += loss
      address.storeBytes(of: gradient, as: Lanes.self)
      index += 1
    }
    for lane in 0..<16 { total[lane] += Double(block[lane]) }
  }
  if count % 16 != 0 {
    var tail = Lanes(repeating: maskedLogit)
    for lane in 0..<count % 16 { tail[lane] = row[whole * 16 + lane] }
    let (loss, gradient) = term(tail, whole * 16)
    for lane in 0..<count % 16 {
      total[lane] += Double(loss[lane])
      row[whole * 16 + lane] = gradient[lane]
    }
  }
  return total.sum()
}

/// Sixteen per-label parameters beginning at `label`.
@inline(__always)
func lanes(_ parameters: UnsafeMutablePointer<Float>, at label: Int) -> Lanes {
  UnsafeRawPointer(parameters + label).loadUnaligned(as: Lanes.self)
}
