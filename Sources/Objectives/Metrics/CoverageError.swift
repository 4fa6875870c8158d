/// Coverage error: how far down the ranking one has to go to meet all true labels; 0 for a row
/// without labels. As scikit-learn's `coverage_error`.
struct CoverageError: RankingMetric {
  let name = MetricName("coverage_error")

  func value(_ row: RankedRow) -> (value: Double, normalizer: Double) {
    (Double(row.ranks.max() ?? 0), 1)
  }
}
