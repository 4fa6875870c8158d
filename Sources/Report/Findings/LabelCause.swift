/// The likely cause of a label's errors, by rules on its counts.
enum LabelCause: String, CaseIterable {
  /// F1 is high.
  case good
  /// Almost the same rows have another label.
  case sameRows = "same_rows"
  /// No held-out row has the label.
  case untested
  /// F1 is 0 although the label's rows rank high.
  case thresholdHides = "threshold_hides"
  /// There is too little to learn from.
  case tooFewRows = "too_few_rows"
  /// Given far more often than missed.
  case overPredicted = "over_predicted"
  /// Missed far more often than given wrongly.
  case missed
  /// Given and missed alike: other labels are taken for it.
  case confused

  /// From this F1 on there is no cause to look for.
  static let goodF1 = 0.75
  /// Labels of fewer training rows are learned badly by any model.
  static let fewRows = 20
  /// From this average precision on the ranking finds the label's rows.
  static let usefulRanking = 0.3

  /// The first rule that applies.
  init(_ figures: LabelFigures.Part, trainingPositives: Int, hasTwin: Bool) {
    let (wrong, missed) = (figures.falsePositives, figures.falseNegatives)
    self =
      if figures.positives == 0 {
        .untested
      } else if figures.f1 >= Self.goodF1 {
        .good
      } else if hasTwin {
        .sameRows
      } else if figures.truePositives == 0, figures.averagePrecision >= Self.usefulRanking {
        .thresholdHides
      } else if trainingPositives < Self.fewRows {
        .tooFewRows
      } else if wrong > 2 * missed {
        .overPredicted
      } else if missed > 2 * wrong {
        .missed
      } else {
        .confused
      }
  }
}
