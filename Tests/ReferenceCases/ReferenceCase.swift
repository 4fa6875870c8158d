// A fixture of Tests/Reference/fixtures: a small BERT, a batch, and what PyTorch computed with it.

import Data
import Foundation
import Kernels
import Memory
import Models
import Objectives
import Storage

/// The fixtures' directory in the source tree.
package let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().appendingPathComponent("Reference/fixtures").path

/// One directory of fixtures.
package struct ReferenceCase: CustomStringConvertible {
  package static let names = [
    "cls-tiny", "mean-equal-rates", "old-names-odd-shape", "encoder-float16",
    "classifier-bfloat16", "label-attention", "first-token", "partial-annotation",
    "distilbert", "distilbert-relu-mean", "roberta", "xlm-roberta-encoder",
    "camembert-label-attention", "electra", "electra-plain-mean", "mpnet", "mpnet-odd-mean",
    "modernbert", "modernbert-biases-mean", "modernbert-label-attention",
  ]

  package let name: String
  package let json: JSONValue
  package let expected: SafetensorsFile
  package let directory: ModelDirectory

  package var description: String { name }

  package init(_ name: String) throws {
    self.name = name
    let path = "\(fixtures)/\(name)"
    json = try JSONValue(contentsOf: "\(path)/case.json")
    expected = try SafetensorsFile(path: "\(path)/expected.safetensors")
    directory = try ModelDirectory(path: path)
  }

  /// Whether a tensor is the bias of a layer's keys, whose gradient is 0 but for rounding: softmax
  /// ignores what is added to all scores of a query.
  package static func isKeyBias(_ name: String) -> Bool {
    ["self.key.bias", "k_lin.bias", "attn.k.bias"].contains { name.hasSuffix($0) }
  }

  package func number(_ key: String) -> Double { json[key]?.number ?? .nan }

  /// A tensor of expected values.
  package func floats(_ tensor: String) throws -> [Float] {
    let values = Vector<Float>(zeros: expected.tensor(tensor)?.count ?? 0)
    try expected.copy(tensor, into: values)
    return values.array
  }

  package func integers(_ tensor: String) throws -> [Int] {
    let values = Vector<Int64>(zeros: expected.tensor(tensor)?.count ?? 0)
    try expected.copyExactly(tensor, into: values)
    return values.array.map(Int.init)
  }

  /// The model with its initial weights.
  package func model(_ precision: ProductPrecision = .float32) throws -> EncoderClassifier {
    let labels = json["labels"]?.integer ?? 0
    let pooling = Pooling(rawValue: json["pooling"]?.string ?? "") ?? .cls
    let model = EncoderClassifier(
      directory.configuration,
      ClassifierOptions(
        pooling: pooling, labelCount: labels,
        longestRow: directory.configuration.maximumPositions, precision: precision))
    let names = directory.labels ?? (0..<labels).map { "label \($0)" }
    let parts = try directory.load(into: model, labels: names)
    if !parts.hasClassifier {
      for part in ["weight", "bias"] {
        guard let slot = model.layout["classifier.\(part)"] else { continue }
        try expected.copy(
          "initial.classifier.\(part)", shape: slot.shape, into: model.parameters[slot.range])
      }
    }
    return model
  }

  /// Some of the stored rows as one batch.
  package func batch(rows: [Int]) throws -> Batch {
    let (ids, starts) = (try integers("input_ids"), try integers("row_offsets"))
    let targets = try floats("targets")
    let labels = json["labels"]?.integer ?? 0
    var (tokens, offsets, positives, labelOffsets) = ([Int32](), [0], [Int32](), [0])
    for row in rows {
      tokens += ids[starts[row]..<starts[row + 1]].map(Int32.init)
      offsets.append(tokens.count)
      positives += (0..<labels).filter { targets[row * labels + $0] == 1 }.map(Int32.init)
      labelOffsets.append(positives.count)
    }
    let batch = Batch(
      tokenIDs: Vector(tokens), offsets: offsets, rows: rows, labelOffsets: labelOffsets,
      labelIndices: positives)
    guard expected.tensor("known") != nil else { return batch }
    let known = try floats("known")
    return batch.with(
      unknown: rows.map { row in
        (0..<labels).filter { known[row * labels + $0] == 0 }.map(Int32.init)
      })
  }

  /// All stored rows.
  package var allRows: [Int] { Array(0..<((try? integers("row_offsets").count) ?? 1) - 1) }

  /// The case's loss: weighted binary cross-entropy.
  package func loss() throws -> any Loss {
    let weights = try floats("pos_weight")
    let counts = TrainingCounts(rows: 1, positives: weights.map { _ in 0 })
    return try LossRegistry.make("bce", counts: counts, positiveWeights: weights)
  }
}
