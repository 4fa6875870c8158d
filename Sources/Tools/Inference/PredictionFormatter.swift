// The lines that `ddp-train predict` writes.

import Data
import Foundation
import Memory
import Models
import Objectives
import Storage

/// What a row was given.
struct Prediction {
  let id: String
  let logits: [Float]
  /// The most probable first.
  let labels: [Int]
}

/// Turns a row's logits into its lines.
struct PredictionFormatter {
  private let names: [String]
  private let thresholds: Thresholds?
  private let calibration: LabelCalibration?
  private let topK: Int?
  private let writesLogits: Bool
  private let format: PredictionFormat
  private let cell: PredictionCell

  init(_ loaded: LoadedModel, _ options: PredictOptions) {
    names = loaded.labels.names
    calibration = loaded.calibration
    writesLogits = options.logits
    (format, cell) = (options.format, options.logits ? .logit : options.cell)
    if let threshold = options.threshold {
      topK = options.topK
      thresholds = Thresholds(threshold, labels: names.count)
    } else {
      topK = options.topK ?? loaded.notes.decidedTopK
      thresholds = topK == nil ? loaded.thresholds : nil
    }
  }

  /// The line before all others; empty where there is none.
  var header: [UInt8] {
    switch format {
    case .jsonl, .raw: []
    case .long: line(["id", "label", "score", "probability"])
    case .wide: line(["id"] + names.map(csvField))
    }
  }

  /// The lines of the rows of a chunk, and of rows without a text among them.
  func lines(
    of chunk: Range<Int>, _ session: InferenceSession, _ explanation: Explanation?
  ) throws -> [UInt8] {
    let batch = Batch(session.dataset, rows: Array(chunk))
    session.workspace.reset()
    let logits = session.model.logits(batch, in: session.workspace)
    let rows = try batch.rows.enumerated().map { place, row in
      try prediction(id: session.dataset.id(row), logits: logits.row(place).array)
    }
    let reasons = explanation?.reasons(batch, labels: rows.map(\.labels))
    var (result, place) = ([UInt8](), 0)
    for row in session.fileRows(of: chunk) {
      if session.all.isEmpty(row) {
        result += emptyLines(id: session.all.id(row))
      } else {
        result += lines(rows[place], reasons: reasons?[place])
        place += 1
      }
    }
    return result
  }

  /// The lines of a row without a text: it has no labels, and no scores.
  func emptyLines(id: String) -> [UInt8] {
    switch format {
    case .jsonl:
      var object: JSONObject = ["id": .string(id), "labels": .array([])]
      if writesLogits { object["logits"] = .null }
      return Array((JSONValue.object(object).text() + "\n").utf8)
    case .long: return line([csvField(id), "", "", ""])
    case .raw: return bytes(names.map { _ in .nan })
    case .wide:
      return line([csvField(id)] + names.map { _ in cell == .decision ? "0" : "" })
    }
  }

  /// The labels that reach their thresholds, the most probable first.
  func prediction(id: String, logits values: [Float]) throws -> Prediction {
    guard values.allSatisfy(\.isFinite) else {
      throw StorageError(.malformed, "the model", "gives no finite numbers for the row \"\(id)\"")
    }
    var chosen = values.indices.filter { thresholds?.decides(values[$0], label: $0) ?? true }
    chosen.sort { values[$0] != values[$1] ? values[$0] > values[$1] : $0 < $1 }
    if let topK { chosen = Array(chosen.prefix(topK)) }
    return Prediction(id: id, logits: values, labels: chosen)
  }

  /// - Parameter reasons: for each of its labels what speaks for it.
  func lines(_ prediction: Prediction, reasons: [JSONValue]?) -> [UInt8] {
    switch format {
    case .jsonl: object(prediction, reasons)
    case .long: labelLines(prediction)
    case .wide: line([csvField(prediction.id)] + cells(prediction))
    case .raw: bytes(prediction.logits)
    }
  }

  private func bytes(_ logits: [Float]) -> [UInt8] {
    logits.flatMap { logit in
      (0..<4).map { UInt8(truncatingIfNeeded: logit.bitPattern >> ($0 * 8)) }
    }
  }

  private func object(_ prediction: Prediction, _ reasons: [JSONValue]?) -> [UInt8] {
    var object: JSONObject = [
      "id": .string(prediction.id),
      "labels": .array(
        prediction.labels.enumerated().map { place, label in
          var entry: JSONObject = [
            "label": .string(names[label]),
            "score": .double(score(prediction.logits[label])),
          ]
          entry["probability"] = probability(prediction.logits[label], label).map { .double($0) }
          entry["because"] = reasons?[place]
          return .object(entry)
        }),
    ]
    if writesLogits { object["logits"] = .array(prediction.logits.map(shortest)) }
    return Array((JSONValue.object(object).text() + "\n").utf8)
  }

  private func labelLines(_ prediction: Prediction) -> [UInt8] {
    let id = csvField(prediction.id)
    guard !prediction.labels.isEmpty else { return line([id, "", "", ""]) }
    return prediction.labels.flatMap { label in
      let logit = prediction.logits[label]
      return line([
        id, csvField(names[label]), "\(score(logit))",
        probability(logit, label).map { "\($0)" } ?? "",
      ])
    }
  }

  private func cells(_ prediction: Prediction) -> [String] {
    switch cell {
    case .decision:
      let given = Set(prediction.labels)
      return prediction.logits.indices.map { given.contains($0) ? "1" : "0" }
    case .score: return prediction.logits.map { "\(score($0))" }
    case .probability:
      return prediction.logits.enumerated().map { label, logit in
        probability(logit, label).map { "\($0)" } ?? ""
      }
    case .logit: return prediction.logits.map { shortest($0).text() }
    }
  }

  private func line(_ fields: [String]) -> [UInt8] {
    Array((fields.joined(separator: ",") + "\r\n").utf8)
  }

  /// σ(x), to eight digits after the point.
  private func score(_ logit: Float) -> Double { Self.rounded(sigmoid(Double(logit))) }

  /// The calibrated probability; nil of a model without calibration.
  private func probability(_ logit: Float, _ label: Int) -> Double? {
    calibration.map { Self.rounded($0.probability(Double(logit), label: label)) }
  }

  private static func rounded(_ value: Double) -> Double { (value * 1e8).rounded() / 1e8 }
}
