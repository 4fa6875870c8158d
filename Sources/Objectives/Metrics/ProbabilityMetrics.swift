// How good scores are as probabilities, from the histogram of the scores.

extension ScoreHistogram {
  /// Over all known cells, with σ of logits rounded to the middle of bins of 2^-11:
  ///
  /// - `brier_score_loss`: the mean of (p − y)² (Brier 1950);
  /// - `expected_calibration_error`: Σ n_b/n · |mean p − share of true cells| over 15 bins of p
  ///   (Naeini et al. 2015).
  var probabilityMetrics: [Metric] {
    let counts = fineCounts
    var sums = ProbabilitySums()
    for bin in counts.all.indices where counts.all[bin] > 0 {
      sums.add(
        probability: sigmoid((Self.fineEdge(bin) + Self.fineEdge(bin + 1)) / 2),
        cells: counts.all[bin], positives: counts.positives[bin])
    }
    return sums.metrics()
  }
}

/// What the metrics of probabilities are made of.
struct ProbabilitySums {
  /// Bins of equal width that probabilities are sorted into for the calibration error.
  private static let bins = 15

  private var squares = 0.0
  private var cells = 0
  private var sums = [(p: Double, positives: Double)](repeating: (0, 0), count: bins)

  /// Adds cells with one probability, of which some are true.
  mutating func add(probability p: Double, cells count: Int, positives: Int) {
    let (n, positives) = (Double(count), Double(positives))
    squares += n * p * p + positives * (1 - 2 * p)
    cells += count
    let place = min(Int(p * Double(Self.bins)), Self.bins - 1)
    sums[place].p += n * p
    sums[place].positives += positives
  }

  func metrics(prefix: String = "") -> [Metric] {
    let error = sums.reduce(0) { $0 + abs($1.p - $1.positives) }
    let total = Double(max(cells, 1))
    return [
      Metric(MetricName(prefix + "brier_score_loss"), squares / total),
      Metric(MetricName(prefix + "expected_calibration_error"), error / total),
    ]
  }
}
