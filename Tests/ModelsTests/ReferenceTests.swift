// Logits, loss and every gradient against PyTorch, for BERTs of several shapes.

import Data
import Foundation
import Kernels
import Memory
import Models
import Objectives
import ReferenceCases
import Testing

/// Largest difference of a value from PyTorch's, in units of the tensor's largest value. PyTorch's
/// own distance from the same computation in double precision is up to 1.5e-6
/// (`noise` in case.json).
private let relativeTolerance: Float = 2e-5

/// For tensors whose exact value is zero, such as the gradient of the keys' bias.
private let absoluteTolerance: Float = 2e-7

private func expectClose(_ found: [Float], _ wanted: [Float], _ what: String) {
  #expect(found.count == wanted.count, "\(what): number of values")
  let largest = wanted.map(abs).max() ?? 0
  let worst = zip(found, wanted).map { abs($0 - $1) }.max() ?? 0
  #expect(
    worst <= relativeTolerance * largest + absoluteTolerance, "\(what): \(worst) of \(largest)")
}

@Test(arguments: ReferenceCase.names)
func logitsAreThoseOfPyTorch(_ name: String) throws {
  let reference = try ReferenceCase(name)
  let (model, batch) = (try reference.model(), try reference.batch(rows: reference.allRows))
  let workspace = Workspace(
    capacity: model.evaluationSize(tokens: batch.tokenCount, rows: batch.rowCount))
  expectClose(
    model.logits(batch, in: workspace).array, try reference.floats("logits"), "logits")
}

@Test(arguments: ReferenceCase.names)
func lossAndEveryGradientAreThoseOfPyTorch(_ name: String) throws {
  let reference = try ReferenceCase(name)
  let (model, batch) = (try reference.model(), try reference.batch(rows: reference.allRows))
  let gradient = Gradient(model, batch: batch, loss: try reference.loss())
  #expect(abs(gradient.loss / reference.number("loss") - 1) < 2e-5)
  for slot in model.layout.slots {
    let found = gradient.values[slot.range].array
    guard reference.expected.tensor("grad.\(slot.name)") != nil else {
      #expect(found.allSatisfy { $0 == 0 }, "\(slot.name) takes no part in the loss")
      continue
    }
    expectClose(found, try reference.floats("grad.\(slot.name)"), slot.name)
  }
}

@Test func gradientsOfABatchAreTheSumOfThoseOfItsParts() throws {
  let reference = try ReferenceCase("cls-tiny")
  let (model, loss) = (try reference.model(), try reference.loss())
  let rows = reference.allRows
  let whole = Gradient(model, batch: try reference.batch(rows: rows), loss: loss, rows: rows.count)
  let parts = [rows.prefix(2), rows.dropFirst(2), []].map { part -> Gradient in
    Gradient(model, batch: (try? reference.batch(rows: Array(part)))!, loss: loss, rows: rows.count)
  }
  for slot in model.layout.slots {
    let sum = parts.map { $0.values[slot.range].array }.reduce(
      [Float](repeating: 0, count: slot.range.count)
    ) { zip($0, $1).map(+) }
    expectClose(sum, whole.values[slot.range].array, slot.name)
  }
}

/// And it takes no more workspace than it says. With all layers frozen what the head
/// reads lies elsewhere.
@Test(arguments: Pooling.allCases, 0...2)
func whatIsTrainedAboveFrozenLayersHasTheSameGradient(pooling: Pooling, frozen: Int) throws {
  let stored = try ReferenceCase("cls-tiny")
  var configuration = stored.directory.configuration
  (configuration.hiddenDropout, configuration.attentionDropout) = (0, 0)
  try #require(configuration.layerCount == 2)
  let batch = try stored.batch(rows: [0, 1, 2])
  let (loss, labels) = (try stored.loss(), try stored.model().labelCount)
  func gradient(_ freezing: EncoderFreezing) -> (gradient: Gradient, model: EncoderClassifier) {
    let model = EncoderClassifier(
      configuration,
      ClassifierOptions(
        pooling: pooling, labelCount: labels, longestRow: configuration.maximumPositions,
        freezing: freezing))
    model.initializeParameters(seed: 1) { _ in true }
    return (Gradient(model, batch: batch, loss: loss), model)
  }
  let (whole, part) = (gradient(.nothing), gradient(.layers(frozen)))
  #expect(part.gradient.loss == whole.gradient.loss)
  for bucket in part.model.layout.buckets {
    let values = part.gradient.values[bucket.range].array
    if bucket.isFrozen {
      #expect(values.allSatisfy { $0 == 0 })
    } else {
      #expect(values == whole.gradient.values[bucket.range].array && values.contains { $0 != 0 })
    }
  }
}

@Test func dropoutOfARowDependsOnTheRowAlone() throws {
  var reference = try ReferenceCase("mean-equal-rates").directory.configuration
  reference.hiddenDropout = 0.3
  reference.attentionDropout = 0.3
  let model = EncoderClassifier(
    reference, ClassifierOptions(pooling: .mean, labelCount: 3, longestRow: 24))
  model.initializeParameters(seed: 1) { _ in true }
  let stored = try ReferenceCase("mean-equal-rates")
  let key = RandomKey(seed: 7, step: 3)
  let workspace = Workspace(capacity: 1 << 22)
  let together = model.forward(try stored.batch(rows: [0, 1, 2]), at: key, in: workspace)
  let alone = model.forward(try stored.batch(rows: [1]), at: key, in: workspace)
  expectClose(alone.logits.array, together.logits.row(1).array, "logits of row 1")
  let next = model.forward(
    try stored.batch(rows: [1]), at: RandomKey(seed: 7, step: 4), in: workspace)
  #expect(next.logits.array != alone.logits.array)
}

/// The whole gradient of a batch, all buckets in one buffer.
struct Gradient {
  let values: Vector<Float>
  let loss: Double

  /// - Parameter rows: those of the step, of which the batch may be a part.
  init(_ model: EncoderClassifier, batch: Batch, loss: any Loss, rows: Int? = nil) {
    let rows = rows ?? batch.rowCount
    // As many floats as the model says, so that a pass that takes more ends the test.
    let workspace = Workspace(
      capacity: model.passSize(tokens: batch.tokenCount, rows: batch.rowCount)
        + model.temporarySize(tokens: batch.tokenCount, rows: batch.rowCount))
    model.prepareParameters()
    let pass = model.forward(batch, at: RandomKey(seed: 0, step: 0), in: workspace)
    let rowLosses = Vector<Double>(zeros: batch.rowCount)
    let scale = 1 / Double(rows * model.labelCount - batch.unknownIndices.count)
    loss.forwardBackward(
      logits: pass.logits,
      targets: SparseTargets(
        offsets: batch.labelOffsets, labels: batch.labelIndices,
        unknownOffsets: batch.unknownOffsets, unknownLabels: batch.unknownIndices),
      scale: Float(scale), logitGradients: pass.logitGradients, rowLosses: rowLosses)
    self.loss = rowLosses.array.reduce(0, +) * scale
    values = Vector(zeros: model.layout.count)
    for (index, bucket) in model.layout.buckets.enumerated().reversed() where !bucket.isFrozen {
      switch bucket.kind {
      case .dense:
        model.backward(pass, bucket: index, gradient: values[bucket.range])
      case .sparseRows(let count, let columns):
        let buffer = SparseRowsBuffer(rows: count, columns: columns)
        model.backward(pass, rows: buffer)
        buffer.rows.scatter(into: values, at: bucket.range.lowerBound)
      }
    }
  }
}
