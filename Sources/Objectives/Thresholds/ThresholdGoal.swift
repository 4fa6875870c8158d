// Thresholds that must have a precision or a recall, in place of the best F1.

/// What decisions of all labels together must reach on the rows that a threshold is tuned on.
public enum ThresholdGoal: Sendable, Equatable {
  /// Of the labels that are given, so many are right.
  case precision(Double)
  /// Of the labels that are true, so many are given.
  case recall(Double)
}

extension ScoreHistogram {
  /// The one probability for all labels that reaches a goal and costs least: with a precision the
  /// lowest, with a recall the highest. Where none reaches it, the one that comes nearest.
  public func globalThreshold(
    reaching goal: ThresholdGoal
  ) -> (probability: Double, isReached: Bool) {
    let found = fineCounts.nearest(to: goal)
    return (sigmoid(Self.fineEdge(found.bin)), found.isReached)
  }

  /// For each fold that of the other folds, at the edges of the labels' bins.
  public func crossFittedThresholds(reaching goal: ThresholdGoal) -> [Thresholds] {
    (0..<folds).map { fold in
      var sum = BinCounts(bins: bins)
      for label in 0..<labels { sum.add(counts(label: label, folds: others(fold))) }
      return Thresholds(sigmoid(edge(sum.nearest(to: goal).bin)), labels: labels)
    }
  }
}

extension BinCounts {
  /// The lowest bin from which on deciding "yes" has the precision, or the highest that has the
  /// recall: what costs least of the other. Where none has it, the one that comes nearest.
  func nearest(to goal: ThresholdGoal) -> (bin: Int, isReached: Bool) {
    let support = positives.reduce(0, +)
    var (hits, decided) = (0, 0)
    var (reached, nearest) = (Int?.none, Optimum(bin: all.count - 1, score: -1))
    for bin in (1..<all.count).reversed() where all[bin] > 0 {
      hits += positives[bin]
      decided += all[bin]
      switch goal {
      case .precision(let wanted):
        let score = fraction(hits, decided)
        if score >= wanted { reached = bin }
        if score > nearest.score { nearest = Optimum(bin: bin, score: score) }
      case .recall(let wanted):
        let score = fraction(hits, support)
        if score >= wanted, reached == nil { reached = bin }
        if score > nearest.score { nearest = Optimum(bin: bin, score: score) }
      }
    }
    return (middle(ofEmptyBinsBelow: reached ?? nearest.bin), reached != nil)
  }
}
