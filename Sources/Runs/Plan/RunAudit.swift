// What is worth knowing of a run's data and weights before training: `audit.json`, and in short the
// lines that every run prints.

import Data
import Objectives
import Reporting
import Storage

/// The audit of an experiment. Made on one rank: it counts what is in memory already.
package struct RunAudit {
  let labels: LabelAudit
  let advice: [Advice]
  private let names: [String]
  private let positives: [Int]
  private let weights: [Float]
  private let lossType: String
  private let sources: [LoadedRows]

  package init(_ experiment: Experiment) {
    labels = LabelAudit(
      training: experiment.task.training, validation: experiment.task.validation,
      test: experiment.task.test)
    names = experiment.task.labels
    sources = experiment.sources
    positives = experiment.task.counts.positives
    weights = experiment.positiveWeights
    lossType = experiment.configuration.loss.type
    advice = Advice.all(experiment, labels)
  }

  /// For the terminal.
  var lines: [String] {
    sourceLines + labels.summary.map { "data: \($0)" } + weightLines
      + advice.map { "advice: \($0)" }
  }

  /// What was taken for text, labels and id in each file.
  private var sourceLines: [String] {
    sources.enumerated().flatMap { index, source in
      let remarks =
        index == 0 ? [] : source.summary.remarks(onLabels: names, owner: "the training rows")
      return ([source.summary.line] + source.remarks + remarks).map {
        "data: \(source.summary.path): \($0)"
      }
    }
  }

  private var weightLines: [String] {
    let range = weightRange
    return [
      "loss: \(lossType), pos_weight min \(significant(range.minimum)), "
        + "median \(significant(range.median)), max \(significant(range.maximum))"
    ]
  }

  private var weightRange: (minimum: Double, median: Double, maximum: Double) {
    let sorted = weights.map(Double.init).sorted()
    return (sorted.first ?? 1, sorted.isEmpty ? 1 : sorted[sorted.count / 2], sorted.last ?? 1)
  }

  /// The content of audit.json.
  var json: JSONValue {
    let range = weightRange
    let largest = weights.indices.sorted { (-weights[$0], $0) < (-weights[$1], $1) }.prefix(10)
    let histogram = labels.parts[0].counts.histogram().map { bin -> JSONValue in
      [
        "from": .integer(bin.lower), "to": bin.upper.map { .integer($0) } ?? .null,
        "labels": .integer(bin.labelCount),
      ]
    }
    return .object([
      "labels": .integer(names.count), "labels_by_training_positives": .array(histogram),
      "parts": .object(JSONObject(labels.parts.map { ($0.name, json(of: $0)) })),
      "pos_weight": [
        "min": .double(range.minimum), "median": .double(range.median),
        "max": .double(range.maximum),
        "largest": .array(
          largest.map { label in
            .object([
              "label": .string(names[label]), "training_positives": .integer(positives[label]),
              "weight": .double(Double(weights[label])),
            ])
          }),
      ],
      "labels_in_every_row": .array(labels.constantLabels.map { .string(names[$0]) }),
      "labels_with_the_rows_of_another": .array(
        labels.equalLabels.map { .array([.string(names[$0.first]), .string(names[$0.second])]) }),
      "advice": .array(advice.map { ["what": .string($0.what), "key": .string($0.key)] }),
    ])
  }

  private func json(of part: LabelAudit.Part) -> JSONValue {
    let absent = labels.labelsAbsent(from: part.name)
      .sorted { (positives[$1], $0) < (positives[$0], $1) }
    return .object([
      "rows": .integer(part.counts.rowCount),
      "labels_a_row": .double(part.counts.labelsPerRow),
      "rows_without_label": .integer(part.counts.unlabeledRowCount),
      "rows_with_earlier_text": .integer(part.repeatedRowCount),
      "rows_with_earlier_text_and_other_labels": .integer(part.contradictionCount),
      "rows_with_text_of_training": .integer(part.rowCountSharedWithTraining),
      "rows_with_text_of_validation": .integer(part.rowCountSharedWithValidation),
      "labels_absent": .integer(absent.count),
      "most_frequent_absent": .array(absent.prefix(10).map { .string(names[$0]) }),
      "labels_that_training_lacks": .integer(part.unknownLabels.count),
      "most_frequent_that_training_lacks": .array(
        part.unknownLabels.prefix(10).map {
          ["label": .string($0.name), "rows": .integer($0.rowCount)]
        }),
    ])
  }
}
