// What share of labels with a score really hold: a score is no probability where the loss is
// weighted or a hinge.

import Foundation
import Objectives

/// Scores of all labels together as frequencies.
struct ScoreCalibration {
  private let values: [Double]
  /// The share of all labels that hold.
  let meanProbability: Double

  /// The increasing function of the score that is nearest to what was observed, found by pooling
  /// adjacent violators (Ayer et al. 1955; Zadrozny, Elkan 2002).
  init(_ curve: ScoreCurve) {
    var pools: [(scores: Int, positives: Int, bins: Int)] = []
    for bin in 0..<ScoreCurve.bins {
      pools.append((curve.scores[bin], curve.positives[bin], 1))
      while pools.count > 1, Self.isOutOfOrder(pools[pools.count - 2], pools[pools.count - 1]) {
        let last = pools.removeLast()
        let end = pools.count - 1
        pools[end].scores += last.scores
        pools[end].positives += last.positives
        pools[end].bins += last.bins
      }
    }
    meanProbability = ratio(curve.positives.reduce(0, +), curve.scores.reduce(0, +))
    values = pools.flatMap { pool in
      Array(repeating: ratio(pool.positives, pool.scores), count: pool.bins)
    }
  }

  /// Whether the lower pool has a greater share, or one of the two nothing to tell its share by.
  private static func isOutOfOrder(
    _ lower: (scores: Int, positives: Int, bins: Int),
    _ upper: (scores: Int, positives: Int, bins: Int)
  ) -> Bool {
    lower.scores == 0 || upper.scores == 0
      || lower.positives * upper.scores > upper.positives * lower.scores
  }

  /// The share of labels with such a logit that hold.
  func probability(_ logit: Float) -> Double { values[ScoreCurve.bin(Double(logit))] }
}

/// Scores between two bounds, and how many of their labels hold.
struct ReliabilityBin: Equatable {
  /// Mean score.
  let score: Double
  /// The share that holds.
  let frequency: Double
  let count: Int

  /// Bins of a tenth, the lowest ones narrower: there most scores lie.
  private static let bounds = [
    0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1,
  ]

  /// The bins that hold anything.
  static func all(_ curve: ScoreCurve) -> [ReliabilityBin] {
    var sums = bounds.map { _ in (scores: 0, positives: 0, total: 0.0) }
    for bin in 0..<ScoreCurve.bins where curve.scores[bin] > 0 {
      let probability = ScoreCurve.probability(bin)
      let place = bounds.firstIndex { probability < $0 } ?? bounds.count - 1
      sums[place].scores += curve.scores[bin]
      sums[place].positives += curve.positives[bin]
      sums[place].total += Double(curve.scores[bin]) * probability
    }
    return sums.filter { $0.scores > 0 }.map {
      ReliabilityBin(
        score: $0.total / Double($0.scores), frequency: ratio($0.positives, $0.scores),
        count: $0.scores)
    }
  }
}

/// The probability σ(x) of a logit.
func score(_ logit: Float) -> Double { 1 / (1 + exp(-Double(logit))) }
