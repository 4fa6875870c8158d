// How good scores are as probabilities, from the histogram of the scores.

extension ScoreHistogram {
  /// Bins of equal width that probabilities are sorted into for the calibration error.
  private static let probabilityBins = 15

  /// Over all known cells, with σ of logits rounded to the middle of bins of 2^-11:
  ///
  /// - `brier_score_loss`: the mean of (p − y)² (Brier 1950);
  /// - `expected_calibration_error`: Σ n_b/n · |mean p − share of true cells| over 15 bins of p
  ///   (Naeini et al. 2015).
  var probabilityMetrics: [Metric] {
    let counts = fineCounts
    var (squares, cells) = (0.0, 0)
    var sums = [(p: Double, positives: Double)](repeating: (0, 0), count: Self.probabilityBins)
    for bin in counts.all.indices where counts.all[bin] > 0 {
      let (n, positives) = (Double(counts.all[bin]), Double(counts.positives[bin]))
      let p = sigmoid((Self.fineEdge(bin) + Self.fineEdge(bin + 1)) / 2)
      squares += n * p * p + positives * (1 - 2 * p)
      cells += counts.all[bin]
      let place = min(Int(p * Double(Self.probabilityBins)), Self.probabilityBins - 1)
      sums[place].p += n * p
      sums[place].positives += positives
    }
    let error = sums.reduce(0) { $0 + abs($1.p - $1.positives) }
    let total = Double(max(cells, 1))
    return [
      Metric("brier_score_loss", squares / total),
      Metric("expected_calibration_error", error / total),
    ]
  }
}
