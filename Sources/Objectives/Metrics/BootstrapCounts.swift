import Kernels
import Memory

/// Bootstrap replicates of micro- and macro-F1, streamed: in each replicate every row counts as
/// often as a Poisson(1) number says, which is drawn from the row's place and the replicate alone
/// (the Poisson bootstrap). So replicates are merged like any other count.
public final class BootstrapCounts: MergeableState {
  /// Above this many counters macro-F1 is left out (256 MB).
  private static let counterBudget = 1 << 26

  private let labels: Int
  private let replicates: Int
  private let thresholds: FoldedThresholds
  private let weights: Vector<Int32>
  /// Decided, rightly decided and true entries of each replicate, `[3, R]`.
  private let totals: Vector<Int64>
  /// The same for each label, `[L, 3, R]`, or nothing.
  private let perLabel: Vector<Int32>

  /// `replicates` replicates of decisions by the thresholds of each row's fold.
  init(thresholds: FoldedThresholds, replicates: Int) {
    labels = thresholds.labels
    self.replicates = replicates
    self.thresholds = thresholds
    weights = Vector(zeros: replicates)
    totals = Vector(zeros: 3 * replicates)
    perLabel = Vector(zeros: Self.counterCount(labels: labels, replicates: replicates))
  }

  private static func counterCount(labels: Int, replicates: Int) -> Int {
    let count = 3 * labels * replicates
    return count <= counterBudget ? count : 0
  }

  /// Bytes of the counters; their sum over ranks takes twice as many beside them.
  static func byteCount(labels: Int, replicates: Int) -> Int {
    counterCount(labels: labels, replicates: replicates) * MemoryLayout<Int32>.size
  }

  /// Adds a row of finite logits `[L]`; `index` is its place in the data.
  func add(row: Vector<Float>, positives: ArraySlice<Int32>, index: Int) {
    for replicate in 0..<replicates {
      weights[replicate] = poissonWeight(row: index, replicate: replicate)
    }
    let thresholds = thresholds.row(index)
    let decided = decidedLabels(row: row, thresholds: thresholds)
    let hits = positives.filter { row[Int($0)] >= thresholds[Int($0)] }
    for (kind, members) in [decided, hits, Array(positives)].enumerated() {
      for replicate in 0..<replicates {
        totals[kind * replicates + replicate] += Int64(weights[replicate]) * Int64(members.count)
      }
      guard perLabel.count > 0 else { continue }
      for label in members.lazy.map(Int.init) {
        let base = (3 * label + kind) * replicates
        addCounts(weights, to: perLabel[base..<base + replicates])
      }
    }
  }

  /// The central 95 % interval of micro-F1 and, unless there are too many labels, macro-F1 (over
  /// all labels), as lower and upper figures.
  public func metrics(suffix: String) -> [Metric] {
    let micro = (0..<replicates).map { replicate in
      score { Int(totals[$0 * replicates + replicate]) }
    }
    var result = interval("micro_f1", micro, suffix)
    if perLabel.count > 0 {
      var sums = [Double](repeating: 0, count: replicates)
      for label in 0..<labels {
        for replicate in 0..<replicates {
          sums[replicate] += score {
            Int(perLabel[(3 * label + $0) * replicates + replicate])
          }
        }
      }
      result += interval("macro_f1", sums.map { $0 / Double(labels) }, suffix)
    }
    return result
  }

  private func score(_ count: (Int) -> Int) -> Double {
    fraction(2 * count(1), count(0) + count(2))
  }

  private func interval(_ name: String, _ values: [Double], _ suffix: String) -> [Metric] {
    guard !values.isEmpty else { return [] }
    let sorted = values.sorted()
    let last = Double(sorted.count - 1)
    return [
      Metric("\(name)_low\(suffix)", sorted[Int((0.025 * last).rounded())]),
      Metric("\(name)_high\(suffix)", sorted[Int((0.975 * last).rounded())]),
    ]
  }

  var integerCount: Int { totals.count + perLabel.count }

  func write(to integers: Vector<Int64>) {
    integers[0..<totals.count].copy(from: totals)
    for index in 0..<perLabel.count { integers[totals.count + index] = Int64(perLabel[index]) }
  }

  func read(from integers: Vector<Int64>) {
    totals.copy(from: integers[0..<totals.count])
    for index in 0..<perLabel.count { perLabel[index] = Int32(integers[totals.count + index]) }
  }
}

/// How often a row counts in a replicate: Poisson with mean 1, from 32 hashed bits.
private func poissonWeight(row: Int, replicate: Int) -> Int32 {
  // The finalizer of SplitMix64 over a Weyl sequence.
  var bits = UInt64(truncatingIfNeeded: row) &* 0x9e37_79b9_7f4a_7c15
  bits &+= UInt64(truncatingIfNeeded: replicate + 1) &* 0xd1b5_4a32_d192_ed03
  bits = (bits ^ bits >> 30) &* 0xbf58_476d_1ce4_e5b9
  bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
  let uniform = UInt32(truncatingIfNeeded: (bits ^ bits >> 31) >> 32)
  var weight: Int32 = 0
  for bound in poissonBounds where uniform >= bound { weight += 1 }
  return weight
}

/// 2^32 times the cumulative probabilities of Poisson(1): e⁻¹·Σ 1/i!.
private let poissonBounds: [UInt32] = {
  var (bounds, term, sum): ([UInt32], Double, Double) = ([], 0.36787944117144233, 0)
  for count in 1...10 {
    sum += term
    term /= Double(count)
    bounds.append(UInt32(min(sum * 0x1p32, 0x1p32 - 1)))
  }
  return bounds
}()
