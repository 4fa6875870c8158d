/// Label-ranking average precision: for each true label the share of true ones among the labels
/// ranked at least as high, averaged over the row's labels; 1 for a row with no label or all. As
/// scikit-learn's `label_ranking_average_precision_score`.
struct LabelRankingAveragePrecision: RankingMetric {
  let name = MetricName("label_ranking_average_precision")

  func value(_ row: RankedRow) -> (value: Double, normalizer: Double) {
    guard !row.positives.isEmpty, row.positives.count < row.labels else { return (1, 1) }
    let sum = zip(row.ranksAmongPositives, row.ranks).reduce(0) { $0 + fraction($1.0, $1.1) }
    return (sum / Double(row.positives.count), 1)
  }
}
