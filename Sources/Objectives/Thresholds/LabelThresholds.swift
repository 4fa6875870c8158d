// A threshold for each label that does not follow a handful of validation rows.

/// How far the labels' thresholds move from the global one.
public enum ThresholdFreedom: Sendable, Equatable {
  /// Not at all, and scores are taken as they are.
  case none
  /// Between the threshold that is best for all labels together (0) and those to be expected of
  /// each label (1), in calibrated logits.
  case share(Double)

  /// What is tried, the least free first.
  static let candidates: [ThresholdFreedom] =
    [.none] + [0, 0.25, 0.5, 0.75, 1].map(ThresholdFreedom.share)
}

extension ScoreHistogram {
  /// Per-label thresholds with the freedom that does best on held-out rows: each fold is decided by
  /// thresholds tuned on the others, and the candidate with the largest product of micro-F1 and
  /// macro-F1 is taken, the least free among equals. Needs at least two folds. All lie on edges of
  /// the labels' bins.
  public func labelThresholds() -> (thresholds: Thresholds, freedom: ThresholdFreedom) {
    labelThresholds(tunedOn: Array(0..<folds))
  }

  /// The same from some of the folds alone; of a single one, the global threshold.
  func labelThresholds(
    tunedOn folds: [Int]
  ) -> (thresholds: Thresholds, freedom: ThresholdFreedom) {
    let freedom = folds.count > 1 ? bestFreedom(folds) : .none
    let tuned = TunedLabels(self, folds: folds)
    let values = (0..<labels).map { sigmoid(edge(tuned.bin(freedom, label: $0))) }
    return (Thresholds(values), freedom)
  }

  private func bestFreedom(_ folds: [Int]) -> ThresholdFreedom {
    let candidates = ThresholdFreedom.candidates
    let tuned = folds.map { held in TunedLabels(self, folds: folds.filter { $0 != held }) }
    var scores = candidates.map { _ in HeldOutScore() }
    for label in 0..<labels {
      var sums = candidates.map { _ in (decided: 0, hits: 0) }
      var support = 0
      for (place, fold) in folds.enumerated() {
        let tails = counts(label: label, fold: fold).tails()
        support += tails.positives[0]
        for (index, candidate) in candidates.enumerated() {
          let bin = tuned[place].bin(candidate, label: label)
          sums[index].decided += tails.all[bin]
          sums[index].hits += tails.positives[bin]
        }
      }
      for index in scores.indices { scores[index].add(sums[index], support: support) }
    }
    // The first of equals is the least free one.
    var best = 0
    for index in scores.indices where scores[index].product > scores[best].product { best = index }
    return candidates[best]
  }

  /// The logit, an edge of the labels' bins, with the largest micro-F1 on some of the folds; 0
  /// where nothing is true.
  func global(of folds: [Int]) -> Double {
    var sum = BinCounts(bins: bins)
    for label in 0..<labels { sum.add(counts(label: label, folds: folds)) }
    return sum.bestF1().map { edge($0.bin) } ?? 0
  }
}

/// What the tuning rows say about all labels.
private struct TunedLabels {
  private let histogram: ScoreHistogram
  private let global: Int
  private let calibration: Calibration
  /// The threshold for all labels, in calibrated logits.
  private let calibratedGlobal: Double
  /// What is to be expected of labels as frequent as each, in calibrated logits, `[L]`.
  private let expected: [Double]

  init(_ histogram: ScoreHistogram, folds: [Int]) {
    self.histogram = histogram
    global = histogram.nearestBin(histogram.global(of: folds))
    let cells = ScoreCells(histogram, folds: folds)
    let calibration = Calibration(cells, of: histogram)
    self.calibration = calibration
    var sum = BinCounts(bins: histogram.bins)
    // What a label's scores say in the wrong direction says nothing of others.
    let useful = (0..<cells.labels).filter { calibration.inverse(0, label: $0) != nil }
    let each = useful.map { label in
      var bins: [(rows: Double, positives: Double)] = []
      for cell in cells[label] {
        let z = calibration(histogram.middle(Int(cell.bin)), label: label)
        let rows = Double(cell.rows)
        bins.append((rows, rows * sigmoid(z)))
        let bin = histogram.bin(z)
        sum.all[bin] += Int(cell.rows)
        sum.positives[bin] += Int(cell.positives)
      }
      return logit(max(bestExpectedF1(bins), 1e-6) / 2)
    }
    calibratedGlobal = sum.bestF1().map { histogram.edge($0.bin) } ?? 0
    let frequencies = calibration.frequencies
    let curve = Parabola(through: each, over: useful.map { frequencies[$0] })
    expected = frequencies.map { curve($0) }
  }

  /// The bin from which on the label is decided.
  func bin(_ freedom: ThresholdFreedom, label: Int) -> Int {
    guard case .share(let share) = freedom else { return global }
    let z = share * expected[label] + (1 - share) * calibratedGlobal
    return calibration.inverse(z, label: label).map(histogram.nearestBin) ?? global
  }
}

/// F*, the largest F1 to be expected, to first order, of a threshold where so many rows of each
/// bin, lowest first, are expected to have the label: 2·Σp over the decided rows / (decided + Σp
/// over all). The threshold that reaches it is the probability F*/2: Lipton, Elkan, Narayanaswamy,
/// "Optimal Thresholding of Classifiers to Maximize F1 Measure" (2014).
private func bestExpectedF1(_ bins: [(rows: Double, positives: Double)]) -> Double {
  let support = bins.reduce(0) { $0 + $1.positives }
  var (rows, positives, best) = (0.0, 0.0, 0.0)
  for bin in bins.reversed() {
    rows += bin.rows
    positives += bin.positives
    best = max(best, 2 * positives / (rows + support))
  }
  return best
}

/// The parabola that is nearest to some values by least squares.
private struct Parabola {
  private let coefficients: InlineArray<3, Double>

  init(through values: [Double], over places: [Double]) {
    var system = LinearSystem<3>(ridge: 1e-6)
    for (r, value) in zip(places, values) { system.add([1, r, r * r], weight: 1, pull: value) }
    coefficients = system.solution() ?? InlineArray(repeating: 0)
  }

  func callAsFunction(_ r: Double) -> Double {
    coefficients[0] + coefficients[1] * r + coefficients[2] * r * r
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

  /// Micro-F1 times the sum of the labels' F1.
  var product: Double { fraction(2 * hits, decided + support) * sumOfF1 }
}
