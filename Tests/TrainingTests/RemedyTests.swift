// The arithmetic of the training remedies; that ranks and resuming change no bit
// is in CommandTests.

import Collectives
import Configuration
import Data
import Foundation
import Memory
import Models
import Objectives
import ReferenceCases
import Testing
import Training

/// Steps over the rows of a fixture.
private final class Steps {
  let model: EncoderClassifier
  private let reference: ReferenceCase
  private let step: OptimizationStep<EncoderClassifier>
  private var number = 0

  init(_ change: (inout TrainingSettings) -> Void) throws {
    reference = try ReferenceCase("cls-tiny")
    model = try reference.model()
    var settings = TrainingSettings()
    settings.microbatches = 1
    settings.weightDecay = 0
    change(&settings)
    step = try OptimizationStep(
      model, loss: try reference.loss(), settings: settings, communicator: try Communicator(),
      workspace: Workspace(capacity: 1 << 22))
  }

  /// One update at the full rate; the parameters after it.
  func run() throws -> [Float] {
    var times = StepTimes()
    let batch = try reference.batch(rows: reference.allRows)
    _ = try step.run(
      StepWork(StepBatch(ofOneRank: [batch]), next: .unknown, number: number, factor: 1),
      times: &times)
    number += 1
    try step.gatherParameters()
    return model.parameters.array
  }

  /// The averaged parameters.
  func average() throws -> [Float] { try step.withAveragedWeights { model.parameters.array } }
}

@Test func eachLayersStepIsSmallerThanThatOfTheLayerAbove() throws {
  let start = try Steps { _ in }.model.parameters.array
  let plain = try Steps { _ in }
  let decayed = try Steps { $0.layerwiseDecay = 0.5 }
  let (equal, layered) = (try plain.run(), try decayed.run())
  let layers = plain.model.layout.buckets.count - 3
  for (place, bucket) in plain.model.layout.buckets.enumerated() {
    // Word and other embeddings, layers from the bottom, the pooler with the classifier.
    let below = place < 2 ? layers : max(0, layers + 1 - place)
    let wanted = pow(0.5, Double(below))
    for slot in plain.model.layout.slots[bucket.slots] {
      var (changed, scaled) = (0.0, 0.0)
      for index in slot.range {
        changed += Double(abs(equal[index] - start[index]))
        scaled += Double(abs(layered[index] - start[index]))
      }
      // Steps are 1e-4 in single-precision parameters of about 0.1: some thousandths.
      #expect(changed == 0 || abs(scaled / changed - wanted) < 0.02, "\(slot.name)")
    }
  }
}

@Test func theAverageFollowsItsFormulaAndLeavesTheWeightsAlone() throws {
  let decay = 0.35
  let steps = try Steps { $0.averageDecay = decay }
  var twin = steps.model.parameters.array.map(Double.init)
  for number in 1...5 {
    let weights = try steps.run()
    let d = min(decay, Double(1 + number) / Double(10 + number))
    for index in twin.indices { twin[index] = d * twin[index] + (1 - d) * Double(weights[index]) }
    let average = try steps.average()
    // One rounding of the average and two of the difference a step.
    let worst = zip(average, twin).map { abs(Double($0) - $1) }.max() ?? 0
    #expect(worst < 1e-6, "step \(number): \(worst)")
    #expect(steps.model.parameters.array == weights)
  }
  #expect(try steps.average() != steps.model.parameters.array)
}

@Test func averagingDoesNotChangeTheTraining() throws {
  let (plain, averaged) = (try Steps { _ in }, try Steps { $0.averageDecay = 0.9 })
  for _ in 0..<3 {
    let wanted = try plain.run()
    #expect(try averaged.run() == wanted)
    _ = try averaged.average()
  }
}
