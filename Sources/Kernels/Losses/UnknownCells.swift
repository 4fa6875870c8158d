// Cells of a row of L logits that count nowhere, named by their labels: few beside L, or most of
// it.

import Memory

/// Writes `value` in place of the logits of some labels. Returns whether all of these were finite,
/// so that a cell that does not count cannot hide a model that diverges.
@discardableResult
package func overwrite(
  _ row: Vector<Float>, at labels: ArraySlice<Int32>, with value: Float
) -> Bool {
  let (values, count) = (row.pointer, row.count)
  var sum: Float = 0
  for label in labels {
    let label = Int(label)
    precondition(label >= 0 && label < count, "label \(label) of \(count)")
    // x · 0 is NaN exactly where x is not finite, and one NaN stays in the sum.
    sum += values[label] * 0
    values[label] = value
  }
  return sum == 0
}
