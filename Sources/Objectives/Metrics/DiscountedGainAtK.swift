import Foundation

/// nDCG@k with gains 0 and 1: Σ hitᵢ/log₂(i + 1) over the k highest-ranked labels, divided by what
/// min(k, |y|) hits at the top would give; 0 for a row without labels.
struct DiscountedGainAtK: RankingMetric {
  let k: Int
  private let discounts: [Double]

  init(k: Int) {
    self.k = k
    discounts = (0..<k).map { 1 / log2(Double($0) + 2) }
  }

  var name: MetricName { MetricName("ndcg_at", at: k) }

  func value(_ row: RankedRow) -> (value: Double, normalizer: Double) {
    guard !row.positives.isEmpty else { return (0, 1) }
    let gain = zip(discounts, row.hits).reduce(0) { $0 + ($1.1 ? $1.0 : 0) }
    return (gain / discounts.prefix(row.positives.count).reduce(0, +), 1)
  }
}
