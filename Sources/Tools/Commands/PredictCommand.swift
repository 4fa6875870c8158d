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
    let session = try InferenceSession(
      model: options.model,
      .init(path: options.input, columns: options.columns, readsLabels: false),
      output: options.output, communicator)
    let (chunks, dataset) = (session.chunks, session.dataset)
    let formatter = try communicator.everyRank {
      try PredictionFormatter(session.loaded, options, session.model.linear)
    }
    // A round is a chunk for each rank: their lines meet at rank 0 in the order of the rows.
    for round in stride(from: 0, to: chunks.count, by: communicator.worldSize) {
      var lines: [UInt8] = []
      try communicator.everyRank {
        let index = round + communicator.rank
        guard index < chunks.count else { return }
        let batch = Batch(dataset, rows: Array(chunks[index]))
        session.workspace.reset()
        let logits = session.model.logits(batch, in: session.workspace)
        for (place, row) in batch.rows.enumerated() {
          lines += try formatter.line(
            id: dataset.id(row), logits: logits.row(place), batch: batch, place: place)
        }
      }
      let parts = try communicator.allGather(lines)
      try communicator.rootOnly { for part in parts { try session.output?.write(part) } }
    }
    try communicator.rootOnly { try session.output?.commit() }
  }
}

/// Turns a row's logits into its line.
private struct PredictionFormatter {
  private let names: [String]
  private let thresholds: Thresholds?
  private let topK: Int?
  private let writesLogits: Bool
  private let explanation: Explanation?

  init(_ loaded: LoadedModel, _ options: PredictOptions, _ linear: LinearPart?) throws {
    explanation = try options.reasons.map { limit in
      guard let linear, let vocabulary = loaded.vocabulary else {
        throw Failure(
          .usage,
          "--explain: \(options.model) has no linear part, whose features could be named; train one "
            + "with model.type \"linear\" or model.tfidf")
      }
      return Explanation(part: linear, vocabulary: vocabulary, limit: limit)
    }
    names = loaded.labels.names
    topK = options.topK
    writesLogits = options.logits
    if let threshold = options.threshold {
      thresholds = Thresholds(threshold, labels: names.count)
    } else {
      thresholds = options.topK == nil ? loaded.thresholds : nil
    }
  }

  /// The labels that reach their thresholds, the most probable first.
  /// - Parameter place: the row's in `batch`.
  func line(id: String, logits: Vector<Float>, batch: Batch, place: Int) throws -> [UInt8] {
    let values = logits.array
    guard values.allSatisfy(\.isFinite) else {
      throw StorageError(.malformed, "the model", "gives no finite numbers for the row \"\(id)\"")
    }
    var chosen = values.indices.filter { thresholds?.decides(values[$0], label: $0) ?? true }
    chosen.sort { values[$0] != values[$1] ? values[$0] > values[$1] : $0 < $1 }
    if let topK { chosen = Array(chosen.prefix(topK)) }
    var object: JSONObject = [
      "id": .string(id),
      "labels": .array(
        chosen.map { label in
          var entry: JSONObject = [
            "label": .string(names[label]), "score": .double(probability(values[label])),
          ]
          if let explanation {
            entry["because"] = explanation.json(label: label, row: place, of: batch)
          }
          return .object(entry)
        }),
    ]
    if writesLogits { object["logits"] = .array(values.map(shortest)) }
    return Array((JSONValue.object(object).text() + "\n").utf8)
  }

  /// σ(x), to eight digits after the point.
  private func probability(_ logit: Float) -> Double {
    let value = 1 / (1 + exp(-Double(logit)))
    return (value * 1e8).rounded() / 1e8
  }
}

/// Names the features that speak for a label.
private struct Explanation {
  let part: LinearPart
  let vocabulary: NGramVocabulary
  let limit: Int

  /// A list of features and what each adds to the logit.
  func json(label: Int, row: Int, of batch: Batch) -> JSONValue {
    guard let features = batch.wordFeatures else { return [] }
    return .array(
      part.reasons(for: label, ofRow: row, in: features, limit: limit).map { reason in
        ["feature": .string(vocabulary.name(reason.feature)), "logit": shortest(reason.logit)]
      })
  }
}

/// The number in as few digits as tell it from all others of single precision.
private func shortest(_ value: Float) -> JSONValue { .double(Double("\(value)") ?? Double(value)) }
