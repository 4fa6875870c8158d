// Scores as probabilities: what share of the rows with such a logit have the label.

/// For each label the line z = slope·x + offset from a logit x to its calibrated one; σ(z) is the
/// probability. Fitted by `Calibration`.
public struct LabelCalibration: Sendable, Equatable {
  /// `[L]`
  public let slopes: [Double]
  /// `[L]`
  public let offsets: [Double]

  /// A line for each label.
  public init(slopes: [Double], offsets: [Double]) {
    precondition(slopes.count == offsets.count)
    (self.slopes, self.offsets) = (slopes, offsets)
  }

  /// The probability that a row with this logit has the label.
  public func probability(_ logit: Double, label: Int) -> Double {
    sigmoid(slopes[label] * logit + offsets[label])
  }
}

extension ScoreHistogram {
  /// The calibration that all rows give.
  public func calibration() -> LabelCalibration { calibration(fittedOn: Array(0..<folds)) }

  /// For each fold the calibration that the other folds give.
  public func crossFittedCalibrations() -> [LabelCalibration] {
    (0..<folds).map { calibration(fittedOn: others($0)) }
  }

  private func calibration(fittedOn folds: [Int]) -> LabelCalibration {
    let lines = Calibration(ScoreCells(self, folds: folds), of: self).lines
    return LabelCalibration(slopes: lines.map(\.slope), offsets: lines.map(\.offset))
  }

  /// `calibrated_brier_score_loss` and `calibrated_expected_calibration_error`: those of
  /// `probabilityMetrics`, of calibrated probabilities.
  /// - Parameter calibrations: one for each fold, which was not fitted on it, or one for all rows.
  public func probabilityMetrics(calibratedBy calibrations: [LabelCalibration]) -> [Metric] {
    precondition(calibrations.count == 1 || calibrations.count == folds)
    var sums = ProbabilitySums()
    for fold in 0..<folds {
      let calibration = calibrations[calibrations.count == 1 ? 0 : fold]
      let cells = ScoreCells(self, folds: [fold])
      for label in 0..<labels {
        for cell in cells[label] {
          sums.add(
            probability: calibration.probability(middle(Int(cell.bin)), label: label),
            cells: Int(cell.rows), positives: Int(cell.positives))
        }
      }
    }
    return sums.metrics(prefix: "calibrated_")
  }
}
