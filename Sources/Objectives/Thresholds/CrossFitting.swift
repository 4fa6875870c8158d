// Thresholds for rows that they were not tuned on: those of each fold are tuned on the other folds.

extension ScoreHistogram {
  /// For each fold the global threshold that the other folds give, at the edges of the labels'
  /// bins.
  public func crossFittedGlobalThresholds() -> [Thresholds] {
    (0..<folds).map { Thresholds(sigmoid(global(of: others($0))), labels: labels) }
  }

  /// For each fold the labels' thresholds that the other folds give, their freedom chosen within
  /// these.
  public func crossFittedLabelThresholds() -> [Thresholds] {
    (0..<folds).map { labelThresholds(tunedOn: others($0)).thresholds }
  }

  func others(_ fold: Int) -> [Int] { (0..<folds).filter { $0 != fold } }
}
