// One sweep over a row of logits, sixteen at a time, in place: the shape of every loss kernel.

import Memory

/// The number of values that `count` takes when rounded up to whole vectors of sixteen.
package func paddedCount(_ count: Int) -> Int { (count + 15) / 16 * 16 }

/// Per-label parameters `[L]` padded with `padding` to whole vectors, as the kernels read them.
package func laneVector(_ values: [Float], padding: Float = 0) -> Vector<Float> {
  let result = Vector<Float>(zeros: paddedCount(values.count))
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
  let timer = KernelTimer(.loss)
  defer { timer.stop() }
  let (whole, rest) = (count / 16 * 16, count % 16)
  var tail = load(row + whole, rest, padding: maskedLogit)
  let total = withUnsafeMutablePointer(to: &tail) { tail in
    tail.withMemoryRebound(to: Float.self, capacity: 16) { tail in
      var total = SIMD16<Double>(repeating: 0)
      var label = 0
      // The tail is a block of its own, so that `term` has one place and is inlined there.
      while label < count {
        let inTail = label == whole
        let source = inTail ? tail - label : row
        let end = inTail ? label + 16 : min(label + vectorsPerBlock * 16, whole)
        var block = Lanes(repeating: 0)
        while label < end {
          let (loss, gradient) = term(load(source + label), label)
          block += loss
          store(gradient, source + label)
          label += 16
        }
        for lane in 0..<16 { total[lane] += Double(block[lane]) }
      }
      return total
    }
  }
  store(tail, row + whole, rest)
  return total.sum()
}
