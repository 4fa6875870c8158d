// `labels.csv`: a line for each label, with what the model makes of it. RFC 4180, with a header.

import Data
import Objectives
import Storage

/// The figures of all labels on some parts of the data.
package struct LabelTable {
  /// The labels' figures on one part.
  package struct Part {
    /// What its columns begin with, such as `test_`; empty where there is one part only.
    let prefix: String
    let decisions: LabelDecisions
    /// `[L]`
    let averagePrecisions: [Double]
    /// Rows of which nobody knows whether they have the label, `[L]`.
    let unknown: [Int]

    /// The decisions by such thresholds; nil where the evaluation has none.
    package init?(
      _ evaluation: Evaluation?, of dataset: Dataset?, by kind: ThresholdKind, prefix: String
    ) {
      guard let evaluation, let dataset, let decisions = evaluation.labels[kind] else { return nil }
      self.prefix = prefix
      self.decisions = decisions
      unknown = LabelCounts(dataset).unknown
      averagePrecisions = evaluation.histogram.averagePrecisions
    }
  }

  let labels: [String]
  let counts: TrainingCounts
  let thresholds: Thresholds
  let parts: [Part]

  package init(
    labels: [String], counts: TrainingCounts, thresholds: Thresholds, parts: [Part]
  ) {
    self.labels = labels
    self.counts = counts
    self.thresholds = thresholds
    self.parts = parts
  }

  /// F1 of each label on the last part, which is test where there is one. `[L]`
  package var lastF1: [Double] { parts.last?.decisions.f1 ?? [] }

  /// The table, lines ending in CRLF.
  package var csv: String {
    ([header] + labels.indices.map(line)).map { $0.joined(separator: ",") + "\r\n" }.joined()
  }

  private var header: [String] {
    ["label", "train_positives"] + parts.map { $0.prefix + "positives" }
      + (hasUnknownCells ? ["train_unknown"] + parts.map { $0.prefix + "unknown" } : [])
      + ["threshold"]
      + parts.flatMap { part in
        ["tp", "fp", "fn", "precision", "recall", "f1", "average_precision"].map {
          part.prefix + $0
        }
      }
  }

  /// Whether a cell of the training rows or of the parts is unknown; else there are no columns for
  /// that.
  private var hasUnknownCells: Bool {
    counts.hasUnknownCells || parts.contains { $0.unknown.contains { $0 > 0 } }
  }

  private func unknown(_ label: Int) -> [String] {
    let training = counts.rows - counts.known[label]
    return hasUnknownCells ? ["\(training)"] + parts.map { "\($0.unknown[label])" } : []
  }

  private func line(_ label: Int) -> [String] {
    [csvField(labels[label]), "\(counts.positives[label])"]
      + parts.map { "\($0.decisions.support[label])" }
      + unknown(label) + ["\(thresholds.probabilities[label])"]
      + parts.flatMap { figures(label, $0) }
  }

  private func figures(_ label: Int, _ part: Part) -> [String] {
    let decisions = part.decisions
    let hits = decisions.truePositives[label]
    let (decided, support) = (decisions.predicted[label], decisions.support[label])
    func ratio(_ numerator: Int, _ denominator: Int) -> Double {
      denominator == 0 ? 0 : Double(numerator) / Double(denominator)
    }
    let scores = [
      ratio(hits, decided), ratio(hits, support), ratio(2 * hits, decided + support),
      part.averagePrecisions[label],
    ]
    return ["\(hits)", "\(decided - hits)", "\(support - hits)"] + scores.map { "\($0)" }
  }
}
