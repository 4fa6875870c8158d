// A BERT whose products read bfloat16 against the same BERT in single precision.

import Data
import Foundation
import Kernels
import Memory
import Models
import Objectives
import ReferenceCases
import Testing

/// Cosine and relative distance of the gradients in the two precisions. Rounding the operands moves
/// a product by 0.24 % (docs/explanation/numerics.md); a gradient passes through a dozen of them, whose
/// roundings are independent: √12 · 0.24 % ≈ 0.8 % of its norm is expected.
private let leastCosine = 0.9995
private let largestDistance = 0.03

private let isAvailable = ProductPrecision.bfloat16.obstacle == nil

@Suite(.enabled(if: isAvailable, "needs oneDNN and a processor with bfloat16 products"))
struct BFloat16TrainingTests {
  private let configuration: BertConfiguration
  private let loss: any Loss
  private let batch: Batch
  private let labels = 37

  init() throws {
    var configuration = try #require(
      try ReferenceCase("cls-tiny").directory.configuration as? BertConfiguration)
    configuration.vocabularySize = 500
    configuration.hiddenSize = 96
    configuration.headCount = 4
    configuration.intermediateSize = 208
    configuration.layerCount = 3
    configuration.initializerRange = 0.1
    self.configuration = configuration
    let lengths = [17, 2, 24, 9, 1]
    let offsets = lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    let tokens = (0..<offsets[lengths.count]).map { Int32(($0 * 7_919 + 11) % 500) }
    batch = Batch(
      tokenIDs: Vector(tokens), offsets: offsets, rows: Array(lengths.indices),
      labelOffsets: [0, 1, 3, 3, 4, 6], labelIndices: [5, 0, 36, 7, 1, 2])
    loss = try LossRegistry.make(
      "bce", counts: TrainingCounts(rows: 5, positives: [Int](repeating: 1, count: labels)),
      positiveWeights: [Float](repeating: 3, count: labels))
  }

  private func model(_ precision: ProductPrecision, _ pooling: Pooling) -> EncoderClassifier {
    let model = EncoderClassifier(
      configuration,
      ClassifierOptions(
        pooling: pooling, labelCount: labels, longestRow: 24, precision: precision))
    model.initializeParameters(seed: 3) { _ in true }
    // Labels attend to what their classifiers look for.
    if let queries = model.layout["label_attention.weight"],
      let weights = model.layout["classifier.weight"]
    {
      model.parameters[queries.range].copy(from: model.parameters[weights.range])
    }
    return model
  }

  @Test(arguments: Pooling.allCases)
  func gradientsPointWhereThoseOfSinglePrecisionDo(pooling: Pooling) {
    let exact = Gradient(model(.float32, pooling), batch: batch, loss: loss)
    let model = model(.bfloat16, pooling)
    let rounded = Gradient(model, batch: batch, loss: loss)
    #expect(rounded.loss != exact.loss && abs(rounded.loss / exact.loss - 1) < 0.005)
    for slot in model.layout.slots where !ReferenceCase.isKeyBias(slot.name) {
      let (x, y) = (exact.values[slot.range].array, rounded.values[slot.range].array)
      let (norm, other) = (inner(x, x).squareRoot(), inner(y, y).squareRoot())
      guard norm > 0 else {
        #expect(other == 0, "\(slot.name)")
        continue
      }
      let difference = zip(x, y).map { $0 - $1 }
      #expect(inner(x, y) / (norm * other) > leastCosine, "\(slot.name)")
      #expect(inner(difference, difference).squareRoot() / norm < largestDistance, "\(slot.name)")
    }
  }

  /// The fixtures' models are narrow, and their weights large, so that few roundings cancel.
  @Test(arguments: [
    "distilbert", "roberta", "camembert-label-attention", "electra", "mpnet", "modernbert",
    "modernbert-biases-mean",
  ])
  func everyFamilysGradientsPointWhereThoseOfSinglePrecisionDo(_ name: String) throws {
    let reference = try ReferenceCase(name)
    let (loss, batch) = (try reference.loss(), try reference.batch(rows: reference.allRows))
    let exact = Gradient(try reference.model(), batch: batch, loss: loss)
    let model = try reference.model(.bfloat16)
    let rounded = Gradient(model, batch: batch, loss: loss)
    #expect(rounded.loss != exact.loss && abs(rounded.loss / exact.loss - 1) < 0.02)
    for slot in model.layout.slots where !ReferenceCase.isKeyBias(slot.name) {
      let (x, y) = (exact.values[slot.range].array, rounded.values[slot.range].array)
      let norm = inner(x, x).squareRoot()
      let difference = zip(x, y).map { $0 - $1 }
      #expect(
        inner(difference, difference).squareRoot() <= 0.08 * norm,
        "\(slot.name): \(inner(difference, difference).squareRoot() / norm)")
    }
  }

  @Test func theSameBatchGivesTheSameBits() {
    let gradients = (0..<3).map { _ in
      Gradient(model(.bfloat16, .mean), batch: batch, loss: loss).values.array.map(\.bitPattern)
    }
    #expect(gradients[0] == gradients[1] && gradients[0] == gradients[2])
  }

  @Test func logitsOfEvaluationAreInSinglePrecision() {
    let models = (model(.float32, .cls), model(.bfloat16, .cls))
    let workspace = Workspace(
      capacity: models.0.evaluationSize(tokens: batch.tokenCount, rows: batch.rowCount))
    let exact = models.0.logits(batch, in: workspace).array
    models.1.prepareParameters()
    workspace.reset()
    #expect(models.1.logits(batch, in: workspace).array == exact)
  }

  @Test func preparingFollowsTheParameters() {
    let model = model(.bfloat16, .mean)
    let before = Gradient(model, batch: batch, loss: loss).loss
    model.parameters.copy(from: model.parameters.array.map { $0 * 1.5 })
    let after = Gradient(model, batch: batch, loss: loss).loss
    let fresh = self.model(.bfloat16, .mean)
    fresh.parameters.copy(from: model.parameters)
    #expect(after == Gradient(fresh, batch: batch, loss: loss).loss && after != before)
  }

  private func inner(_ a: [Float], _ b: [Float]) -> Double {
    zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }
}
