// Logits sorted into bins of equal width that is a power of two, so that a bin's edges are exact:
// bin b of B holds edge(b) <= x < edge(b + 1) with edge(b) = (b - B/2) / binsPerUnit; the first
// and the last bin also take what lies beyond them.

import CVector
import Memory

/// The bin of one logit; NaN falls into the first.
package func scoreBin(_ x: Float, bins: Int, binsPerUnit: Float) -> Int {
  let half = Float(bins / 2)
  let scaled = x * binsPerUnit
  guard scaled >= -half else { return 0 }
  return Int(min(scaled, half - 1).rounded(.down)) + bins / 2
}

/// Two histograms of logits: one of each label, and a finer one of all labels together. Both widths
/// are powers of two.
package struct ScoreCounters {
  /// A line of bins for each label. `[L, coarseBins]`
  let coarse: Vector<UInt32>
  let coarseBins: Int
  /// Bins of a label in a unit of the logit.
  let coarsePerUnit: Float
  /// `[fineBins]`
  let fine: Vector<Int64>
  let finePerUnit: Float

  /// See the properties.
  package init(
    coarse: Vector<UInt32>, bins coarseBins: Int, perUnit coarsePerUnit: Float, fine: Vector<Int64>,
    finePerUnit: Float
  ) {
    self.coarse = coarse
    self.coarseBins = coarseBins
    self.coarsePerUnit = coarsePerUnit
    self.fine = fine
    self.finePerUnit = finePerUnit
  }

  /// Adds a row of logits `[L]`.
  package func add(row: Vector<Float>) {
    precondition(coarse.count == row.count * coarseBins)
    let whole = row.count / 16 * 16
    let (labels, all) = (coarse.pointer, fine.pointer)
    for start in stride(from: 0, to: whole, by: 16) {
      let x = load(row.pointer + start)
      let inCoarse = bins(x, count: coarseBins, perUnit: coarsePerUnit)
      let inFine = bins(x, count: fine.count, perUnit: finePerUnit)
      for lane in 0..<16 {
        labels[(start + lane) * coarseBins + Int(inCoarse[lane])] &+= 1
        all[Int(inFine[lane])] &+= 1
      }
    }
    for label in whole..<row.count {
      let x = row.pointer[label]
      labels[label * coarseBins + scoreBin(x, bins: coarseBins, binsPerUnit: coarsePerUnit)] &+= 1
      all[scoreBin(x, bins: fine.count, binsPerUnit: finePerUnit)] &+= 1
    }
  }

  /// Takes some labels of a row that was added out again.
  package func subtract(labels: ArraySlice<Int32>, ofRow row: Vector<Float>) {
    precondition(coarse.count == row.count * coarseBins)
    for label in labels.lazy.map(Int.init) {
      precondition(label >= 0 && label < row.count, "label \(label) of \(row.count)")
      let x = row.pointer[label]
      let bin = scoreBin(x, bins: coarseBins, binsPerUnit: coarsePerUnit)
      coarse.pointer[label * coarseBins + bin] &-= 1
      fine.pointer[scoreBin(x, bins: fine.count, binsPerUnit: finePerUnit)] &-= 1
    }
  }
}

/// `scoreBin` for sixteen logits.
@inline(__always)
private func bins(_ x: Lanes, count: Int, perUnit: Float) -> SIMD16<Int32> {
  let half = Float(count / 2)
  let scaled = vector_min(
    vector_max(x * perUnit, Lanes(repeating: -half)), Lanes(repeating: half - 1))
  let truncated = vector_truncate(scaled)
  let above = SIMD16<Int32>(repeating: 0).replacing(
    with: 1, where: vector_float(truncated) .> scaled)
  return truncated &- above &+ Int32(count / 2)
}

/// Copies 32-bit counters into half as many 64-bit integers. Adding such integers adds both
/// counters, as long as no sum reaches 2^32. The count must be even.
package func packCounters(_ counters: Vector<UInt32>, into integers: Vector<Int64>) {
  precondition(counters.count == 2 * integers.count)
  UnsafeMutableRawPointer(integers.pointer).copyMemory(
    from: counters.pointer, byteCount: counters.count * 4)
}

/// The inverse of `packCounters`.
package func unpackCounters(_ integers: Vector<Int64>, into counters: Vector<UInt32>) {
  precondition(counters.count == 2 * integers.count)
  UnsafeMutableRawPointer(counters.pointer).copyMemory(
    from: integers.pointer, byteCount: counters.count * 4)
}
