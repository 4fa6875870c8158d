// The k largest of a row, without sorting it.

import Memory

/// Indices of the `k` largest values (all, if there are fewer), largest first; of equal values the
/// lower index comes first. NaN is never selected.
///
/// Whole vectors are passed over as long as nothing in them beats the k-th best so far, so that a
/// row of L values in any order costs about L/16 comparisons and k · ln(L/k) insertions.
package func largestIndices(row: Vector<Float>, k: Int) -> [Int32] {
  let wanted = min(k, row.count)
  guard wanted > 0 else { return [] }
  var best: [(value: Float, index: Int32)] = []
  best.reserveCapacity(wanted + 1)
  let values = row.pointer
  let whole = row.count / 16 * 16
  var bound = -Float.infinity
  func consider(_ index: Int) {
    let value = values[index]
    let full = best.count == wanted
    guard full ? value > bound : !value.isNaN else { return }
    if full { best.removeLast() }
    var place = best.count
    while place > 0, best[place - 1].value < value { place -= 1 }
    best.insert((value, Int32(index)), at: place)
    if best.count == wanted { bound = best[wanted - 1].value }
  }
  for start in stride(from: 0, to: whole, by: 16) {
    if best.count == wanted, !any(load(values + start) .> bound) { continue }
    for index in start..<start + 16 { consider(index) }
  }
  for index in whole..<row.count { consider(index) }
  return best.map(\.index)
}
