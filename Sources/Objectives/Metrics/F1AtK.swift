/// F1@k: the harmonic mean of P@k and R@k of a row, averaged over the rows: 2·hits/(k + positives).
struct F1AtK: RankingMetric {
  let k: Int

  var name: MetricName { MetricName("f1_at", at: k) }

  func value(_ row: RankedRow) -> (value: Double, normalizer: Double) {
    (fraction(2 * row.hits.prefix(k).count { $0 }, k + row.positives.count), 1)
  }
}
