// Rows to look at again: labels that the data have and the model is sure of not to hold, and the
// other way round. The idea is that of confident learning (Northcutt, Jiang, Chuang 2021).

import Objectives

/// A label of a held-out row that looks wrong.
struct SuspiciousLabel: Equatable {
  enum Kind: String {
    /// The row has the label, and hardly any row with such a score does.
    case doubtful
    /// The row lacks the label, and nearly all rows with such a score have it.
    case lacking
  }

  let kind: Kind
  /// The row's place among those that were kept.
  let row: Int
  let label: Int
  let logit: Float
  /// The share of labels with such a score that hold.
  let probability: Double

  /// Above it a label should hold.
  static let lacking = 0.9
  /// A label should not hold where such scores hold less often than all together, by this factor.
  static let doubtful = 0.25
  /// The model must find a label's other rows before it may doubt one.
  static let leastAveragePrecision = 0.5

  /// The labels of rows that look wrong, the most surprising first.
  /// - Parameter averagePrecisions: of each label, `[L]`.
  static func all(
    _ rows: HeldOutRows, _ calibration: ScoreCalibration, averagePrecisions: [Double]
  ) -> [SuspiciousLabel] {
    var found: [SuspiciousLabel] = []
    let doubtful = Self.doubtful * calibration.meanProbability
    for row in 0..<rows.count {
      for entry in rows[row] {
        let label = Int(entry.label)
        guard averagePrecisions[label] >= leastAveragePrecision else { continue }
        let probability = calibration.probability(entry.logit)
        guard entry.isTrue ? probability <= doubtful : probability >= lacking else { continue }
        found.append(
          SuspiciousLabel(
            kind: entry.isTrue ? .doubtful : .lacking, row: row, label: label,
            logit: entry.logit, probability: probability))
      }
    }
    func order(_ label: SuspiciousLabel) -> (Double, Double, Int, Int) {
      (label.surprise, -averagePrecisions[label.label], label.row, label.label)
    }
    return found.sorted { order($0) < order($1) }
  }

  /// How improbable the data's word is; less is more surprising.
  private var surprise: Double { kind == .lacking ? 1 - probability : probability }
}
