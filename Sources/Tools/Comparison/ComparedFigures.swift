import Objectives
import Training

/// What a model makes of the rows on which models are compared.
struct ComparedFigures {
  let run: ComparedRun
  let evaluation: Evaluation
  let modelByteCount: Int
  /// Reading, tokenizing and computing logits, on all ranks together.
  let rowsPerSecond: Double

  /// A metric, without its prefix.
  func value(_ name: String) -> Double? { evaluation.value("eval_" + name) }

  /// The difference of a metric to a model's that answered the same rows, with its central 95 % of
  /// paired bootstrap replicates where there are any.
  func difference(
    _ measure: ComparedMeasure, to first: ComparedFigures
  ) -> (value: Double, interval: CentralInterval?)? {
    guard let mine = value(measure.name), let base = first.value(measure.name) else { return nil }
    guard let replicates = measure.replicates(evaluation),
      let others = measure.replicates(first.evaluation)
    else { return (mine - base, nil) }
    return (mine - base, CentralInterval(zip(replicates, others).map { $0 - $1 }))
  }
}

/// A metric that the comparison shows.
struct ComparedMeasure {
  let title: String
  /// Without the prefix.
  let name: String

  /// Its value in each bootstrap replicate; nil of a metric that has none.
  func replicates(_ evaluation: Evaluation) -> [Double]? {
    let suffix = name.hasSuffix("_tuned") ? "_tuned" : ""
    return evaluation.replicates[suffix]?[String(name.dropLast(suffix.count))]
  }

  /// In the order of the table.
  static let all: [ComparedMeasure] =
    [("_tuned", ""), ("", " at 0.5")].flatMap { suffix, words in
      [
        ("micro-F1", "micro_f1"), ("macro-F1", "macro_f1"), ("head F1", "head_f1"),
        ("mid F1", "mid_f1"), ("tail F1", "tail_f1"),
      ].map {
        ComparedMeasure(title: $0 + words, name: $1 + suffix)
      }
    } + [
      ComparedMeasure(title: "P@1", name: "precision_at_1"),
      ComparedMeasure(title: "P@5", name: "precision_at_5"),
      ComparedMeasure(title: "micro average precision", name: "micro_average_precision"),
      ComparedMeasure(title: "macro average precision", name: "macro_average_precision"),
    ]
}
