// A label-attention head works on labels in blocks, and keeps what few labels compute for the
// backward pass; no result tells of either.

import Data
import Foundation
import Memory
import Models
import Objectives
import ReferenceCases
import Testing

struct LabelBlockTests {
  /// More than four blocks of 512, so that scores and values are computed twice; the
  /// parts keep theirs.
  private let labels = 2_200
  private let reference: ReferenceCase
  private let batch: Batch

  init() throws {
    reference = try ReferenceCase("label-attention")
    let whole = try reference.batch(rows: [0, 2, 3])
    let none = [Int](repeating: 0, count: whole.rowCount + 1)
    batch = Batch(
      tokenIDs: whole.tokenIDs, offsets: whole.offsets, rows: whole.rows, labelOffsets: none,
      labelIndices: [])
  }

  /// The encoder of the fixture with some of the labels.
  private func model(_ range: Range<Int>) throws -> EncoderClassifier {
    let model = EncoderClassifier(
      reference.directory.configuration,
      ClassifierOptions(pooling: .labelAttention, labelCount: range.count, longestRow: 24))
    _ = try reference.directory.load(into: model, labels: [])
    for slot in model.layout.slots where slot.isHead {
      let width = slot.range.count / range.count
      let all = (0..<labels * width).map { sin(Float($0 &* 7_919 % 10_007) + Float(width)) / 4 }
      model.parameters[slot.range].copy(
        from: Array(all[range.lowerBound * width..<range.upperBound * width]))
    }
    return model
  }

  /// Of a loss that is a sum over labels, not a mean.
  private func gradient(_ model: EncoderClassifier) throws -> Gradient {
    let loss = try LossRegistry.make(
      "bce",
      counts: TrainingCounts(rows: 1, positives: [Int](repeating: 0, count: model.labelCount)),
      positiveWeights: [Float](repeating: 1, count: model.labelCount))
    return Gradient(model, batch: batch, loss: loss)
  }

  @Test func logitsAndGradientsAreThoseOfModelsOfFewerLabels() throws {
    let whole = try model(0..<labels)
    let parts = try [0..<700, 700..<labels].map(model)
    let found = try gradient(whole)
    let gradients = try parts.map(gradient)
    for slot in whole.layout.slots {
      // Each gradient is of a mean over the model's labels.
      let scaled = zip(parts, gradients).map { part, gradient in
        gradient.values[part.layout[slot.name]?.range ?? 0..<0].array.map {
          $0 * Float(part.labelCount) / Float(labels)
        }
      }
      let wanted = slot.isHead ? scaled[0] + scaled[1] : zip(scaled[0], scaled[1]).map(+)
      let largest = wanted.map(abs).max() ?? 0
      let worst = zip(found.values[slot.range].array, wanted).map { abs($0 - $1) }.max() ?? 0
      #expect(worst <= 2e-5 * largest + 2e-9, "\(slot.name): \(worst) of \(largest)")
    }
    let logits = ([whole] + parts).map { model -> Matrix<Float> in
      let size = model.evaluationSize(tokens: batch.tokenCount, rows: batch.rowCount)
      return model.logits(batch, in: Workspace(capacity: size))
    }
    for row in 0..<batch.rowCount {
      let wanted = logits[1].row(row).array + logits[2].row(row).array
      let worst = zip(logits[0].row(row).array, wanted).map { abs($0 - $1) }.max() ?? 0
      #expect(worst < 1e-5, "logits of row \(row): \(worst)")
    }
  }
}
