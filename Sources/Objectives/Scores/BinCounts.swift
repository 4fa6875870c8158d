/// How many logits, and how many of true labels, lie in each bin, lowest bin first.
struct BinCounts {
  var all: [Int]
  var positives: [Int]

  init(all: [Int], positives: [Int]) {
    self.all = all
    self.positives = positives
  }

  /// Empty bins.
  init(bins: Int) {
    all = Array(repeating: 0, count: bins)
    positives = all
  }

  mutating func add(_ other: BinCounts) {
    for bin in all.indices {
      all[bin] += other.all[bin]
      positives[bin] += other.positives[bin]
    }
  }

  /// An optimal threshold: deciding the bins from `bin` on is best, with `score` as F1.
  struct Optimum {
    var bin: Int
    var score: Double
  }

  /// The bin from which on deciding "yes" gives the largest F1, or nil without positives.
  func bestF1() -> Optimum? {
    let support = positives.reduce(0, +)
    guard support > 0 else { return nil }
    return best { hits, decided in fraction(2 * hits, decided + support) }
  }

  /// The bin from which on deciding "yes" is best by a value of the true and of all decisions.
  ///
  /// Where empty bins leave a choice, the middle of them is taken: the threshold that stands
  /// farthest from the scores on both sides. Of separate optima the highest threshold wins. Bin 0
  /// is never chosen, as it holds everything below the range.
  func best(by value: (_ hits: Int, _ decided: Int) -> Double) -> Optimum {
    var best = Optimum(bin: all.count - 1, score: value(0, 0))
    var (hits, decided) = (0, 0)
    for bin in (1..<all.count).reversed() where all[bin] > 0 {
      hits += positives[bin]
      decided += all[bin]
      let score = value(hits, decided)
      if score > best.score { best = Optimum(bin: bin, score: score) }
    }
    best.bin = middle(ofEmptyBinsBelow: best.bin)
    return best
  }

  /// The plateau goes down to just above the next bin that holds anything.
  func middle(ofEmptyBinsBelow bin: Int) -> Int {
    var lowest = bin
    while lowest > 1, all[lowest - 1] == 0 { lowest -= 1 }
    return (lowest + bin + 1) / 2
  }

  /// How many are decided, and how many of them rightly, from each bin on.
  func tails() -> BinCounts {
    var result = self
    for bin in all.indices.reversed().dropFirst() {
      result.all[bin] += result.all[bin + 1]
      result.positives[bin] += result.positives[bin + 1]
    }
    return result
  }

  /// Average precision Σ (Rᵢ - Rᵢ₊₁)·Pᵢ with all logits of a bin tied: scikit-learn's
  /// `average_precision_score` of logits rounded down to their bin's edge; 0 without positives.
  func averagePrecision() -> Double {
    let support = positives.reduce(0, +)
    guard support > 0 else { return 0 }
    var (hits, decided, sum) = (0, 0, 0.0)
    for bin in all.indices.reversed() where all[bin] > 0 {
      hits += positives[bin]
      decided += all[bin]
      sum += Double(positives[bin]) * fraction(hits, decided)
    }
    return sum / Double(support)
  }
}
