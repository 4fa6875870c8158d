// The table of a comparison, in Markdown, and the same figures as JSON.

import Objectives
import Reporting
import Storage

/// Models side by side, the differences to the first one beside them.
struct ComparisonTable {
  let rows: ComparedRows
  let rowCount: Int
  let models: [ComparedFigures]

  /// The table's lines.
  var lines: [String] {
    let header = [""] + models.map(\.run.path) + others.map { "\($0.run.path) − first (95 %)" }
    return MarkdownTable(header: header, rows: measures.map(row) + costs).lines
  }

  /// What makes figures look better than they are.
  var warnings: [String] {
    models.compactMap { model in
      guard let count = model.trainedRowCount, count > 0 else { return nil }
      let advice =
        count == rowCount
        ? "these figures say nothing of other rows; give rows by --data that it has not seen"
        : "what it says of them is learned by heart"
      return
        "\(model.run.path) was trained on the text of \(count) of the \(rowCount) rows: \(advice)"
    }
  }

  /// All that is shown, by the metrics' names.
  var json: JSONValue {
    [
      "data": .string(rows.path), "part": rows.part.map { .string($0.rawValue) } ?? .null,
      "rows": .integer(rowCount),
      "runs": .array(models.map(object)),
    ]
  }

  private var others: ArraySlice<ComparedFigures> { models.dropFirst() }

  /// A group of labels that is empty has no figures.
  private var measures: [ComparedMeasure] {
    ComparedMeasure.all.filter { measure in
      models.allSatisfy { $0.evaluation.value(measure.name) != nil }
    }
  }

  private func row(_ measure: ComparedMeasure) -> [String] {
    [measure.title] + models.map { fixed($0.evaluation.value(measure.name) ?? 0, digits: 4) }
      + others.map { model in
        guard let (value, interval) = model.difference(measure, to: models[0]) else { return "" }
        let bounds = interval.map { " (\(signed($0.low)) to \(signed($0.high)))" }
        return signed(value) + (bounds ?? "")
      }
  }

  private var costs: [[String]] {
    let empty = others.map { _ in "" }
    return [
      ["rows trained on"]
        + models.map { $0.trainedRowCount.map { grouped(Double($0)) } ?? "unknown" } + empty,
      ["training steps"] + models.map { $0.run.trainingSeconds.map(duration) ?? "" } + empty,
      ["model, MB"] + models.map { fixed(Double($0.modelByteCount) / 1e6, digits: 1) } + empty,
      ["rows/s at prediction"] + models.map { grouped($0.rowsPerSecond) } + empty,
    ]
  }

  private func signed(_ value: Double) -> String {
    (value < 0 ? "−" : "+") + fixed(abs(value), digits: 4)
  }

  private func object(_ model: ComparedFigures) -> JSONValue {
    var metrics: JSONObject = [:]
    var differences: JSONObject = [:]
    for measure in measures {
      metrics[measure.name.description] = .double(model.evaluation.value(measure.name) ?? 0)
      guard let (value, interval) = model.difference(measure, to: models[0]) else { continue }
      var difference: JSONObject = ["value": .double(value)]
      if let interval {
        difference["low"] = .double(interval.low)
        difference["high"] = .double(interval.high)
      }
      differences[measure.name.description] = .object(difference)
    }
    return [
      "run": .string(model.run.path), "metrics": .object(metrics),
      "difference_to_first": .object(differences),
      "rows_trained_on": model.trainedRowCount.map { .integer($0) } ?? .null,
      "training_seconds": model.run.trainingSeconds.map { .double($0) } ?? .null,
      "model_bytes": .integer(model.modelByteCount),
      "rows_per_second": .double(model.rowsPerSecond),
    ]
  }
}
