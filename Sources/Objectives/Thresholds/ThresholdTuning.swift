// Thresholds tuned for F1 on the histogram of the validation scores. Candidates are the edges of
// bins, at which the counts of the histogram are exact.

extension ScoreHistogram {
  /// The one probability for all labels with the largest micro-F1; 0.5 if nothing is true.
  ///
  /// It is tuned in steps of 2^-11 of the logit or, `onLabelEdges`, only at the edges of the
  /// labels' wider bins, at which `decisions(by:)` is exact.
  public func globalThreshold(onLabelEdges: Bool = false) -> Double {
    guard onLabelEdges else {
      return fineCounts.bestF1().map { sigmoid(Self.fineEdge($0.bin)) } ?? 0.5
    }
    return sigmoid(global(of: Array(0..<folds)))
  }

  /// The micro-F1 that `globalThreshold()` has on these rows.
  public var bestMicroF1: Double { fineCounts.bestF1()?.score ?? 0 }

  /// For each label the threshold with its largest F1 on these rows; `fallback` for labels without
  /// positives here. It follows the validation rows closely: see `labelThresholds`.
  public func naiveLabelThresholds(fallback: Double) -> Thresholds {
    Thresholds(
      (0..<labels).map { label in
        counts(label: label).bestF1().map { sigmoid(edge($0.bin)) } ?? fallback
      })
  }
}
