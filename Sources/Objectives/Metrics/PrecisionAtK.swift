/// P@k: the share of true labels among the k highest-ranked; k stays below the line where there
/// are fewer labels.
struct PrecisionAtK: RankingMetric {
  let k: Int

  var name: MetricName { .precision(at: k) }

  func value(_ row: RankedRow) -> (value: Double, normalizer: Double) {
    (Double(row.hits.prefix(k).count { $0 }) / Double(k), 1)
  }
}
