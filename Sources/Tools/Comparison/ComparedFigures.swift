import Objectives
import Training

/// What a model makes of the rows on which models are compared.
struct ComparedFigures {
  let run: ComparedRun
  let evaluation: Evaluation
  let modelByteCount: Int
  /// Reading, tokenizing and computing logits, on all ranks together.
  let rowsPerSecond: Double
  /// Rows whose text the run was trained on; nil where its training rows are not known.
  var trainedRowCount: Int?

  /// The difference of a metric to a model's that answered the same rows, with its 95 %
  /// confidence interval where there is one.
  func difference(
    _ measure: ComparedMeasure, to first: ComparedFigures
  ) -> (value: Double, interval: ConfidenceInterval?)? {
    guard let mine = evaluation.value(measure.name),
      let base = first.evaluation.value(measure.name)
    else { return nil }
    guard let changes = evaluation.changes[measure.name],
      let others = first.evaluation.changes[measure.name]
    else { return (mine - base, nil) }
    return (
      mine - base, ConfidenceInterval(mine - base, changes: zip(changes, others).map { $0 - $1 })
    )
  }
}

/// A metric that the comparison shows.
struct ComparedMeasure {
  let title: String
  let name: MetricName

  /// In the order of the table.
  static let all: [ComparedMeasure] =
    decisions(.saved, "") + decisions(.half, " at 0.5") + [
      ComparedMeasure(title: "P@1", name: .precision(at: 1)),
      ComparedMeasure(title: "P@5", name: .precision(at: 5)),
      ComparedMeasure(
        title: "micro average precision", name: MetricName("micro_average_precision")),
      ComparedMeasure(
        title: "macro average precision", name: MetricName("macro_average_precision")),
    ]

  private static func decisions(_ kind: ThresholdKind, _ words: String) -> [ComparedMeasure] {
    [("micro-F1", MetricName.microF1), ("macro-F1", .macroF1)]
      .map { ComparedMeasure(title: $0 + words, name: $1.by(kind)) }
      + LabelGroups.Frequency.allCases
      .map { ComparedMeasure(title: "\($0.rawValue) F1\(words)", name: $0.f1.by(kind)) }
  }
}
