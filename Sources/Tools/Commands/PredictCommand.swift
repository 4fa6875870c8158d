// `ddp-train predict`: labels and scores for each row of a file, in the order of the file.

import Collectives
import Data
import Foundation
import Kernels
import Memory
import Models
import Objectives
import Reporting
import Storage
import Text
import Training

/// Predicts with a saved model, the rows shared out over all ranks; rank 0 writes.
public func runPrediction(_ options: PredictOptions) throws {
  try onAllRanks { communicator in
    try communicator.rootOnly {
      try checkOutputs([("--output", options.output)], inputs: [options.input, options.model])
    }
    // Each row of the input has a line in the output, also one without a text.
    var columns = options.columns
    columns.emptyTexts = .keep
    let session = try InferenceSession(
      model: options.model,
      .init(
        path: options.input, columns: columns, readsLabels: false,
        keepsTexts: options.reasons != nil, needsUniqueIDs: true),
      output: options.output, communicator)
    let chunks = session.chunks
    let formatter = PredictionFormatter(session.loaded, options)
    let explanation = try communicator.everyRank {
      try options.reasons.map { try Explanation(session, path: options.model, limit: $0) }
    }
    // A round is a chunk for each rank: their lines meet at rank 0 in the order of the rows.
    for round in stride(from: 0, to: chunks.count, by: communicator.worldSize) {
      let lines = try communicator.everyRank { () throws -> [UInt8] in
        let index = round + communicator.rank
        guard index < chunks.count else { return [] }
        return try formatter.lines(of: chunks[index], session, explanation)
      }
      let parts = try communicator.allGather(lines)
      try communicator.rootOnly { for part in parts { try session.output?.write(part) } }
    }
    try communicator.rootOnly {
      if chunks.isEmpty {
        for row in 0..<session.all.rowCount {
          try session.output?.write(formatter.emptyLine(id: session.all.id(row)))
        }
      }
      try session.output?.commit()
    }
  }
}

/// What a row was given.
private struct Prediction {
  let id: String
  let logits: [Float]
  /// The most probable first.
  let labels: [Int]
}

/// Turns a row's logits into its line.
private struct PredictionFormatter {
  private let names: [String]
  private let thresholds: Thresholds?
  private let topK: Int?
  private let writesLogits: Bool

  init(_ loaded: LoadedModel, _ options: PredictOptions) {
    names = loaded.labels.names
    topK = options.topK
    writesLogits = options.logits
    if let threshold = options.threshold {
      thresholds = Thresholds(threshold, labels: names.count)
    } else {
      thresholds = options.topK == nil ? loaded.thresholds : nil
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
    var (lines, place) = ([UInt8](), 0)
    for row in session.fileRows(of: chunk) {
      if session.all.isEmpty(row) {
        lines += emptyLine(id: session.all.id(row))
      } else {
        lines += line(rows[place], reasons: reasons?[place])
        place += 1
      }
    }
    return lines
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
  func line(_ prediction: Prediction, reasons: [JSONValue]?) -> [UInt8] {
    var object: JSONObject = [
      "id": .string(prediction.id),
      "labels": .array(
        prediction.labels.enumerated().map { place, label in
          var entry: JSONObject = [
            "label": .string(names[label]),
            "score": .double(probability(prediction.logits[label])),
          ]
          entry["because"] = reasons?[place]
          return .object(entry)
        }),
    ]
    if writesLogits { object["logits"] = .array(prediction.logits.map(shortest)) }
    return Array((JSONValue.object(object).text() + "\n").utf8)
  }

  /// The line of a row without a text: it has no labels.
  func emptyLine(id: String) -> [UInt8] {
    var object: JSONObject = ["id": .string(id), "labels": .array([])]
    if writesLogits { object["logits"] = .null }
    return Array((JSONValue.object(object).text() + "\n").utf8)
  }

  /// σ(x), to eight digits after the point.
  private func probability(_ logit: Float) -> Double {
    let value = 1 / (1 + exp(-Double(logit)))
    return (value * 1e8).rounded() / 1e8
  }
}
