// Per-label thresholds that don't follow a handful of validation rows.

/// How per-label thresholds are held back.
public struct ThresholdProtection: Sendable, Equatable {
  /// FBR: a label whose best F1 stays below this gets its highest score (or the global threshold,
  /// if that is higher) as threshold: Fan & Lin, "A Study on Threshold Selection for Multi-label
  /// Classification" (2007), FBR.1.
  public var minimumF1: Double
  /// Shrinkage: the threshold's logit is moved towards the global one by s / (s + n⁺), with n⁺
  /// the label's positives in the rows that it is tuned on. Infinite: the global threshold.
  public var shrinkage: Double

  /// Both protections.
  public init(minimumF1: Double, shrinkage: Double) {
    self.minimumF1 = minimumF1
    self.shrinkage = shrinkage
  }

  /// What is tried, the most protected first; with its first entry it is the global threshold.
  static let candidates: [ThresholdProtection] =
    [.infinity, 32, 16, 8, 4, 2, 1, 0].flatMap { shrinkage in
      [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6].map {
        ThresholdProtection(minimumF1: $0, shrinkage: shrinkage)
      }
    }
}

extension ScoreHistogram {
  /// Per-label thresholds with the protection that does best on held-out rows: each fold is
  /// decided by thresholds tuned on the others, and the candidate with the largest sum of micro-
  /// and macro-F1 is taken, the more protected one among equals. Needs at least two folds.
  ///
  /// Labels without positives get the global threshold. All lie on edges of the labels' bins.
  public func protectedThresholds() -> (thresholds: Thresholds, protection: ThresholdProtection) {
    precondition(folds > 1, "protection is chosen on held-out folds")
    let protection = bestProtection()
    let global = logit(globalThreshold(onLabelEdges: true))
    let values = (0..<labels).map { label -> Double in
      let bins = counts(label: label)
      let value = TunedLabel(bins).logit(protection, global: global, in: self)
      return sigmoid(edge(nearestBin(value)))
    }
    return (Thresholds(values), protection)
  }

  private func bestProtection() -> ThresholdProtection {
    let candidates = ThresholdProtection.candidates
    let globals = globalsWithoutFold()
    var scores = candidates.map { _ in HeldOutScore() }
    for label in 0..<labels {
      let total = counts(label: label)
      var sums = candidates.map { _ in (decided: 0, hits: 0) }
      for fold in 0..<folds {
        let held = counts(label: label, fold: fold)
        var rest = total
        rest.subtract(held)
        let (tuned, tails) = (TunedLabel(rest), held.tails())
        for (index, candidate) in candidates.enumerated() {
          let bin = nearestBin(tuned.logit(candidate, global: globals[fold], in: self))
          sums[index].decided += tails.all[bin]
          sums[index].hits += tails.positives[bin]
        }
      }
      let support = total.positives.reduce(0, +)
      for index in scores.indices { scores[index].add(sums[index], support: support) }
    }
    let best = scores.indices.max { scores[$0].value(labels) < scores[$1].value(labels) }
    // `max` gives the last of equals; the first is the more protected one.
    let value = best.map { scores[$0].value(labels) }
    return candidates[scores.firstIndex { $0.value(labels) == value } ?? 0]
  }

  /// For each fold the logit of the global threshold tuned on the others, at the labels' bins.
  private func globalsWithoutFold() -> [Double] {
    let empty = BinCounts(
      all: Array(repeating: 0, count: bins), positives: Array(repeating: 0, count: bins))
    let each = (0..<folds).map { fold in
      (0..<labels).reduce(into: empty) { $0.add(counts(label: $1, fold: fold)) }
    }
    return (0..<folds).map { held in
      let rest = (0..<folds).filter { $0 != held }.reduce(into: empty) { $0.add(each[$1]) }
      return rest.bestF1().map { edge($0.bin) } ?? 0
    }
  }
}

/// What the tuning rows say about one label.
private struct TunedLabel {
  let optimum: BinCounts.Optimum?
  let support: Int
  let highestBin: Int

  init(_ counts: BinCounts) {
    optimum = counts.bestF1()
    support = counts.positives.reduce(0, +)
    highestBin = counts.all.lastIndex { $0 > 0 } ?? 0
  }

  func logit(
    _ protection: ThresholdProtection, global: Double, in histogram: ScoreHistogram
  ) -> Double {
    guard let optimum, protection.shrinkage < .infinity else { return global }
    if optimum.score < protection.minimumF1 { return max(histogram.edge(highestBin), global) }
    let own = Double(support) / (Double(support) + protection.shrinkage)
    return own * histogram.edge(optimum.bin) + (1 - own) * global
  }
}

/// Micro- and macro-F1 of a candidate on rows that it was not tuned on.
private struct HeldOutScore {
  private var decided = 0
  private var hits = 0
  private var support = 0
  private var sumOfF1 = 0.0

  mutating func add(_ label: (decided: Int, hits: Int), support: Int) {
    decided += label.decided
    hits += label.hits
    self.support += support
    sumOfF1 += fraction(2 * label.hits, label.decided + support)
  }

  func value(_ labels: Int) -> Double {
    fraction(2 * hits, decided + support) + sumOfF1 / Double(max(labels, 1))
  }
}
