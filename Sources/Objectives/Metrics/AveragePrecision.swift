// Average precision, from the histogram of the scores.

extension ScoreHistogram {
  /// Average precision of each label, `[L]`, of logits rounded down to the label's bins; labels
  /// without positives have 0.
  public var averagePrecisions: [Double] {
    (0..<labels).map { counts(label: $0).averagePrecision() }
  }

  /// Micro (all entries as one ranking, logits rounded down to 2^-11) and macro average precision
  /// (over all labels, 0 for those without positives; and over labels with positives).
  public var averagePrecisionMetrics: [Metric] {
    var (sum, supported) = (0.0, 0)
    for label in 0..<labels {
      let bins = counts(label: label)
      sum += bins.averagePrecision()
      if bins.positives.contains(where: { $0 > 0 }) { supported += 1 }
    }
    return [
      Metric(MetricName("micro_average_precision"), fineCounts.averagePrecision()),
      Metric(MetricName("macro_average_precision"), sum / Double(max(labels, 1))),
      Metric(MetricName("macro_average_precision_supported"), sum / Double(max(supported, 1))),
    ]
  }
}
