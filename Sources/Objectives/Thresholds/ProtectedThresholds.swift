// Per-label thresholds that don't follow a handful of validation rows.

/// How per-label thresholds are held back.
public struct ThresholdProtection: Sendable, Equatable {
  /// β: a label's threshold maximizes (2·TP − F·decided) / (all decided + all true) + β·F1 / L, where F is
  /// the micro-F1 of the global threshold. The first term is the change of micro-F1 to first order
  /// (Dinkelbach, "On Nonlinear Fractional Programming", 1967), the second that of macro-F1.
  public var macroWeight: Double
  /// FBR: a label whose best F1 stays below this gets its highest score (or the global threshold,
  /// if that is higher) as threshold: Fan & Lin, "A Study on Threshold Selection for Multi-label
  /// Classification" (2007), FBR.1.
  public var minimumF1: Double
  /// Shrinkage: the threshold's logit is moved towards the global one by s / (s + n⁺), with n⁺
  /// the label's positives in the rows that it is tuned on. Infinite: the global threshold.
  public var shrinkage: Double

  /// All protections.
  public init(macroWeight: Double, minimumF1: Double, shrinkage: Double) {
    self.macroWeight = macroWeight
    self.minimumF1 = minimumF1
    self.shrinkage = shrinkage
  }

  /// The β that are tried.
  static let macroWeights: [Double] = [1, 2, 4]

  /// What is tried, the most protected first; the first entry is the global threshold.
  static let candidates: [ThresholdProtection] =
    [ThresholdProtection(macroWeight: 1, minimumF1: 0, shrinkage: .infinity)]
    + [16, 8, 4, 2, 1, 0].flatMap { shrinkage in
      macroWeights.flatMap { weight in
        [0, 0.1, 0.2, 0.3].map {
          ThresholdProtection(macroWeight: weight, minimumF1: $0, shrinkage: shrinkage)
        }
      }
    }
}

extension ScoreHistogram {
  /// Per-label thresholds with the protection that does best on held-out rows: each fold is
  /// decided by thresholds tuned on the others, and of the candidates whose micro-F1 is not below that
  /// of the global threshold the one with the largest macro-F1 is taken, the more protected one among
  /// equals. Needs at least two folds.
  ///
  /// Labels without positives get the global threshold. All lie on edges of the labels' bins.
  public func protectedThresholds() -> (thresholds: Thresholds, protection: ThresholdProtection) {
    protectedThresholds(tunedOn: Array(0..<folds))
  }

  /// The same from some of the folds alone; of a single one, the global threshold.
  func protectedThresholds(
    tunedOn folds: [Int]
  ) -> (thresholds: Thresholds, protection: ThresholdProtection) {
    let protection = folds.count > 1 ? bestProtection(folds) : ThresholdProtection.candidates[0]
    let global = global(of: folds)
    let exchange = exchange(of: folds, global: global)
    let values = (0..<labels).map { label -> Double in
      let bins = counts(label: label, folds: folds)
      let value = TunedLabel(bins, exchange).logit(protection, global: global, in: self)
      return sigmoid(edge(nearestBin(value)))
    }
    return (Thresholds(values), protection)
  }

  private func bestProtection(_ folds: [Int]) -> ThresholdProtection {
    let candidates = ThresholdProtection.candidates
    let rests = folds.map { held in folds.filter { $0 != held } }
    let globals = rests.map { global(of: $0) }
    let exchanges = zip(rests, globals).map { exchange(of: $0, global: $1) }
    var scores = candidates.map { _ in HeldOutScore() }
    for label in 0..<labels {
      let total = counts(label: label, folds: folds)
      var sums = candidates.map { _ in (decided: 0, hits: 0) }
      for (place, fold) in folds.enumerated() {
        let held = counts(label: label, fold: fold)
        var rest = total
        rest.subtract(held)
        let (tuned, tails) = (TunedLabel(rest, exchanges[place]), held.tails())
        for (index, candidate) in candidates.enumerated() {
          let bin = nearestBin(tuned.logit(candidate, global: globals[place], in: self))
          sums[index].decided += tails.all[bin]
          sums[index].hits += tails.positives[bin]
        }
      }
      let support = total.positives.reduce(0, +)
      for index in scores.indices { scores[index].add(sums[index], support: support) }
    }
    let floor = scores[0].micro
    // The first of equals is the more protected one.
    var best = 0
    for index in scores.indices
    where scores[index].micro >= floor && scores[index].macro > scores[best].macro { best = index }
    return candidates[best]
  }

  /// What a label's decisions are worth in micro- and macro-F1, near the global threshold.
  private func exchange(of folds: [Int], global: Double) -> F1Exchange {
    var (decided, hits, support) = (0, 0, 0)
    let first = nearestBin(global)
    for label in 0..<labels {
      let bins = counts(label: label, folds: folds)
      decided += bins.all[first...].reduce(0, +)
      hits += bins.positives[first...].reduce(0, +)
      support += bins.positives.reduce(0, +)
    }
    return F1Exchange(
      microF1: fraction(2 * hits, decided + support), entries: max(decided + support, 1),
      labels: labels)
  }

  /// The logit, an edge of the labels' bins, with the largest micro-F1 on some of the folds; 0 where
  /// nothing is true.
  func global(of folds: [Int]) -> Double {
    var sum = BinCounts(
      all: Array(repeating: 0, count: bins), positives: Array(repeating: 0, count: bins))
    for label in 0..<labels { sum.add(counts(label: label, folds: folds)) }
    return sum.bestF1().map { edge($0.bin) } ?? 0
  }
}

/// What decisions on one label are worth beside those on all others.
private struct F1Exchange {
  /// F, of all labels at the global threshold.
  let microF1: Double
  /// Decided and true entries of all labels there.
  let entries: Int
  let labels: Int

  /// The value of a label's decisions, but for a constant.
  func value(hits: Int, decided: Int, support: Int, macroWeight: Double) -> Double {
    (2 * Double(hits) - microF1 * Double(decided)) / Double(entries)
      + macroWeight * fraction(2 * hits, decided + support) / Double(labels)
  }
}

/// What the tuning rows say about one label.
private struct TunedLabel {
  /// The best thresholds for each of `ThresholdProtection.macroWeights`; empty without positives.
  private var optima: [BinCounts.Optimum] = []
  private let bestF1: Double
  private let support: Int
  private let highestBin: Int

  init(_ counts: BinCounts, _ exchange: F1Exchange) {
    support = counts.positives.reduce(0, +)
    highestBin = counts.all.lastIndex { $0 > 0 } ?? 0
    bestF1 = counts.bestF1()?.score ?? 0
    guard support > 0 else { return }
    optima = ThresholdProtection.macroWeights.map { weight in
      counts.best { [support] in
        exchange.value(hits: $0, decided: $1, support: support, macroWeight: weight)
      }
    }
  }

  func logit(
    _ protection: ThresholdProtection, global: Double, in histogram: ScoreHistogram
  ) -> Double {
    guard protection.shrinkage < .infinity,
      let place = ThresholdProtection.macroWeights.firstIndex(of: protection.macroWeight),
      optima.indices.contains(place)
    else { return global }
    if bestF1 < protection.minimumF1 { return max(histogram.edge(highestBin), global) }
    let own = Double(support) / (Double(support) + protection.shrinkage)
    return own * histogram.edge(optima[place].bin) + (1 - own) * global
  }
}

/// Decisions of a candidate on rows that it was not tuned on.
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

  var micro: Double { fraction(2 * hits, decided + support) }
  /// The sum of the labels' F1.
  var macro: Double { sumOfF1 }
}
