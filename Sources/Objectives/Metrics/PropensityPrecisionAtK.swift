import Foundation

/// Propensity-scored P@k: Jain, Prabhu, Varma, "Extreme Multi-label Loss Functions for
/// Recommendation, Tagging, Ranking & Other Missing Label Applications" (2016).
///
/// A hit on label l counts 1/pₗ = 1 + C·(n⁺ₗ + B)^-A, with C = (log n - 1)·(B + 1)^A, A = 0.55 and
/// B = 1.5, n and n⁺ of the training data. The sum over the rows is divided by the largest that
/// any ranking could reach, as the Extreme Classification Repository does.
struct PropensityPrecisionAtK: RankingMetric {
  let k: Int
  private let gains: [Double]

  init(k: Int, counts: TrainingCounts) {
    let (a, b) = (0.55, 1.5)
    // Below three rows C would be negative.
    let c = max(log(Double(max(counts.rows, 1))) - 1, 0) * pow(b + 1, a)
    self.k = k
    gains = counts.positives.map { 1 + c * pow(Double($0) + b, -a) }
  }

  var name: MetricName { MetricName("propensity_precision_at", at: k) }

  func value(_ row: RankedRow) -> (value: Double, normalizer: Double) {
    let reached = zip(row.top, row.hits).prefix(k).reduce(0) {
      $0 + ($1.1 ? gains[Int($1.0)] : 0)
    }
    let best = row.positives.map { gains[Int($0)] }.sorted(by: >).prefix(k).reduce(0, +)
    return (reached / Double(k), best / Double(k))
  }
}
