/// R@k: the share of a row's labels that are among the k highest-ranked; 0 for a row without
/// labels.
struct RecallAtK: RankingMetric {
  let k: Int

  var name: MetricName { MetricName("recall_at", at: k) }

  func value(_ row: RankedRow) -> (value: Double, normalizer: Double) {
    (fraction(row.hits.prefix(k).count { $0 }, row.positives.count), 1)
  }
}
