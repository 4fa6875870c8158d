import Kernels
import Memory

/// Bootstrap replicates of micro- and macro-F1, streamed: in each replicate every row counts as
/// often as a Poisson(1) number says, which is drawn from the row's place and the replicate alone
/// (the Poisson bootstrap). So replicates are merged like any other count.
public final class BootstrapCounts {
  /// Above this many counters macro-F1 is left out (256 MB).
  private static let counterBudget = 1 << 26

  private let labels: Int
  private let replicates: Int
  private let thresholds: FoldedThresholds
  private let weights: Vector<UInt32>
  /// Decided, rightly decided and true entries of each replicate, `[3, R]`.
  private let totals: Vector<Int64>
  /// The same for each label, `[L, 3, R]` and one more where that is odd, or nothing.
  private let perLabel: Vector<UInt32>

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
    return count <= counterBudget ? count + count % 2 : 0
  }

  /// Bytes of the counters.
  static func byteCount(labels: Int, replicates: Int) -> Int {
    counterCount(labels: labels, replicates: replicates) * MemoryLayout<UInt32>.size
  }

  /// Adds a row of logits `[L]`, finite but for unknown cells, which are NaN; `index` is its place
  /// in the data.
  func add(row: Vector<Float>, positives: ArraySlice<Int32>, index: Int) {
    for replicate in 0..<replicates {
      weights[replicate] = poissonWeight(row: index, replicate: replicate)
    }
    let thresholds = thresholds.row(index, of: row)
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
  public func metrics(by kind: ThresholdKind) -> [Metric] {
    let values = replicates(by: kind, LabelGroups.none)
    return [MetricName.microF1, .macroF1].flatMap { name -> [Metric] in
      guard let interval = values[name.by(kind)].flatMap(CentralInterval.init) else { return [] }
      return [
        Metric(MetricName("\(name)_low", by: kind), interval.low),
        Metric(MetricName("\(name)_high", by: kind), interval.high),
      ]
    }
  }

  /// F1 in each replicate, `[R]`: micro-F1 and, unless there are too many labels, macro-F1 and the
  /// mean F1 of each group. The same rows have the same weights in the same replicate whatever the
  /// model, so the differences of two models' values are those of paired replicates.
  public func replicates(
    by kind: ThresholdKind, _ groups: LabelGroups
  ) -> [MetricName: [Double]] {
    guard perLabel.count > 0 else {
      let micro = (0..<replicates).map { replicate in
        let count = (0..<3).map { Int(totals[$0 * replicates + replicate]) }
        return fraction(2 * count[1], count[0] + count[2])
      }
      return replicates == 0 ? [:] : [MetricName.microF1.by(kind): micro]
    }
    let wanted = Set(([.microF1, .macroF1] + groups.all.map(\.f1)).map { $0.by(kind) })
    var result: [MetricName: [Double]] = [:]
    for replicate in 0..<replicates {
      for metric in decisions(inReplicate: replicate).metrics(by: kind, groups: groups)
      where wanted.contains(metric.name) {
        result[metric.name, default: []].append(metric.value)
      }
    }
    return result
  }

  private func decisions(inReplicate replicate: Int) -> LabelDecisions {
    func counts(_ kind: Int) -> [Int] {
      (0..<labels).map { Int(perLabel[(3 * $0 + kind) * replicates + replicate]) }
    }
    // The number of rows does not matter for F1.
    return LabelDecisions(
      known: [], predicted: counts(0), truePositives: counts(1), support: counts(2))
  }

  /// The counters, to be merged one piece after the other: together they may be large.
  var pieces: [any MergeableState] {
    [WideCounters(counters: totals)] + PackedCounters.pieces(of: perLabel)
  }
}

/// How often a row counts in a replicate: Poisson with mean 1, from 32 hashed bits.
package func poissonWeight(row: Int, replicate: Int) -> UInt32 {
  // The finalizer of SplitMix64 over a Weyl sequence.
  var bits = UInt64(truncatingIfNeeded: row) &* 0x9e37_79b9_7f4a_7c15
  bits &+= UInt64(truncatingIfNeeded: replicate + 1) &* 0xd1b5_4a32_d192_ed03
  bits = (bits ^ bits >> 30) &* 0xbf58_476d_1ce4_e5b9
  bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
  let uniform = UInt32(truncatingIfNeeded: (bits ^ bits >> 31) >> 32)
  var weight: UInt32 = 0
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
