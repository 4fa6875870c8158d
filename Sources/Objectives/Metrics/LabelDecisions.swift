/// How the decisions on each label turned out, and the figures that follow from that alone. Cells
/// that are unknown are in none of the counts.
///
/// Everywhere 0/0 counts as 0, as scikit-learn's `zero_division=0`.
public struct LabelDecisions: Sendable, Equatable {
  /// Rows of which it is known whether they have the label: TP + FP + FN + TN, `[L]`.
  public var known: [Int]
  /// Rows that were decided to have the label: TP + FP, `[L]`.
  public var predicted: [Int]
  /// Rows that have the label and were decided to: TP, `[L]`.
  public var truePositives: [Int]
  /// Rows that have the label: TP + FN, `[L]`.
  public var support: [Int]

  /// F1 of each label, `[L]`.
  public var f1: [Double] {
    support.indices.map { fraction(2 * truePositives[$0], predicted[$0] + support[$0]) }
  }

  /// Precision of each label, `[L]`.
  public var precision: [Double] {
    support.indices.map { fraction(truePositives[$0], predicted[$0]) }
  }

  /// Recall of each label, `[L]`.
  public var recall: [Double] {
    support.indices.map { fraction(truePositives[$0], support[$0]) }
  }

  /// Micro- and macro-figures (over all labels, and over those with support), mean F1 over groups
  /// of labels and weighted by support, and Hamming accuracy.
  public func metrics(by kind: ThresholdKind, groups: LabelGroups) -> [Metric] {
    let decided = predicted.reduce(0, +)
    let hits = truePositives.reduce(0, +)
    let wanted = support.reduce(0, +)
    let supported = support.indices.filter { support[$0] > 0 }
    let f1 = f1
    let rows = [
      ("f1", fraction(2 * hits, decided + wanted), f1),
      ("precision", fraction(hits, decided), precision),
      ("recall", fraction(hits, wanted), recall),
    ]
    let entries = known.reduce(0, +)
    return rows.flatMap { name, micro, values in
      [
        Metric(MetricName("micro_\(name)", by: kind), micro),
        Metric(MetricName("macro_\(name)", by: kind), mean(values, over: Array(values.indices))),
        Metric(MetricName("macro_\(name)_supported", by: kind), mean(values, over: supported)),
      ]
    }
      + groups.all.map { Metric($0.f1.by(kind), mean(f1, over: $0.labels)) }
      + [
        Metric(
          MetricName("weighted_f1", by: kind),
          wanted == 0
            ? 0 : support.indices.reduce(0) { $0 + Double(support[$1]) * f1[$1] } / Double(wanted)),
        Metric(
          MetricName("hamming_accuracy", by: kind),
          fraction(entries - decided - wanted + 2 * hits, entries)),
      ]
  }

  private func mean(_ values: [Double], over labels: [Int]) -> Double {
    labels.isEmpty ? 0 : labels.reduce(0) { $0 + values[$1] } / Double(labels.count)
  }
}

extension ScoreHistogram {
  /// The decisions by `thresholds` on the rows that were counted, without a second pass over them:
  /// exact where every threshold is an edge of the labels' bins, as tuning gives them, and
  /// otherwise as if it were moved to the nearest edge.
  public func decisions(by thresholds: Thresholds) -> LabelDecisions {
    precondition(thresholds.labels == labels)
    var result = LabelDecisions(known: [], predicted: [], truePositives: [], support: [])
    for label in 0..<labels {
      let bins = counts(label: label)
      let first = nearestBin(Double(thresholds.logits[label]))
      result.known.append(bins.all.reduce(0, +))
      result.predicted.append(bins.all[first...].reduce(0, +))
      result.truePositives.append(bins.positives[first...].reduce(0, +))
      result.support.append(bins.positives.reduce(0, +))
    }
    return result
  }
}
