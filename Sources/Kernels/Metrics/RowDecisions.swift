// What the metrics ask of a whole row of L logits: is it finite, which labels are decided to be
// positive, how many logits lie at or above one of them.

import CVector
import Memory

/// Whether no value is NaN or infinite.
package func isFinite(row: Vector<Float>) -> Bool {
  // x · 0 is NaN exactly where x is not finite, and one NaN stays in the sum.
  var sum = Lanes(repeating: 0)
  let base = UnsafeRawPointer(row.pointer)
  for index in 0..<row.count / 16 {
    let x = base.loadUnaligned(fromByteOffset: index * 64, as: Lanes.self)
    sum = sum.addingProduct(x, Lanes(repeating: 0))
  }
  var rest = sum.sum()
  for index in row.count / 16 * 16..<row.count { rest += row.pointer[index] * 0 }
  return rest == 0
}

/// Adds 1 to `predicted[j]` for every label j with `row[j] >= thresholds[j]` and returns how many
/// there are. `thresholds` and `predicted` are padded to whole vectors, thresholds with +∞.
package func countDecisions(
  row: Vector<Float>, thresholds: Vector<Float>, predicted: Vector<Int32>
) -> Int {
  precondition(thresholds.count == paddedCount(row.count) && predicted.count == thresholds.count)
  let (values, counts) = (row.pointer, UnsafeMutableRawPointer(predicted.pointer))
  var total = SIMD16<Int32>(repeating: 0)
  let none = SIMD16<Int32>(repeating: 0)
  for label in stride(from: 0, to: row.count / 16 * 16, by: 16) {
    let x = load(values + label)
    let decided = none.replacing(with: 1, where: x .>= load(thresholds.pointer + label))
    let old = counts.loadUnaligned(fromByteOffset: label * 4, as: SIMD16<Int32>.self)
    counts.storeBytes(of: old &+ decided, toByteOffset: label * 4, as: SIMD16<Int32>.self)
    total &+= decided
  }
  var count = Int(total.wrappedSum())
  for label in row.count / 16 * 16..<row.count
  where values[label] >= thresholds.pointer[label] {
    predicted.pointer[label] += 1
    count += 1
  }
  return count
}

/// How many values are at least `bound`.
package func countAtLeast(_ bound: Float, row: Vector<Float>) -> Int {
  var total = SIMD16<Int32>(repeating: 0)
  let none = SIMD16<Int32>(repeating: 0)
  for label in stride(from: 0, to: row.count / 16 * 16, by: 16) {
    total &+= none.replacing(with: 1, where: load(row.pointer + label) .>= bound)
  }
  var count = Int(total.wrappedSum())
  for label in row.count / 16 * 16..<row.count where row.pointer[label] >= bound { count += 1 }
  return count
}

/// The labels j with `row[j] >= thresholds[j]`, ascending.
package func decidedLabels(row: Vector<Float>, thresholds: Vector<Float>) -> [Int32] {
  precondition(thresholds.count == paddedCount(row.count))
  var result: [Int32] = []
  let (values, bounds) = (row.pointer, thresholds.pointer)
  let whole = row.count / 16 * 16
  for start in stride(from: 0, to: whole, by: 16)
  where any(load(values + start) .>= load(bounds + start)) {
    for label in start..<start + 16 where values[label] >= bounds[label] {
      result.append(Int32(label))
    }
  }
  for label in whole..<row.count where values[label] >= bounds[label] {
    result.append(Int32(label))
  }
  return result
}

/// counts += weights, element by element.
package func addCounts(_ weights: Vector<UInt32>, to counts: Vector<UInt32>) {
  precondition(weights.count == counts.count)
  let (source, target) = (weights.pointer, counts.pointer)
  for index in 0..<weights.count { target[index] &+= source[index] }
}
