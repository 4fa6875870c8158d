// Ten whole training steps against PyTorch: weighted loss, warm-up and linear decay, clipping,
// AdamW without decay on biases and LayerNorm, a learning rate of its own for the classifier.

import Collectives
import Configuration
import Data
import Foundation
import Memory
import Models
import Objectives
import ReferenceCases
import Storage
import Testing
import Training

/// Of each loss and each gradient norm, as the project promises.
private let lossTolerance = 2e-5
private let normTolerance = 2e-4

/// Of the parameters after ten steps, absolute: an update is at most about the learning rate, and
/// Adam's division makes single-precision noise of small gradients visible.
private let parameterTolerance: Float = 2e-5

extension ReferenceCase {
  /// The hyperparameters of the case, for one rank.
  fileprivate func settings(microbatches: Int) -> TrainingSettings {
    var settings = TrainingSettings()
    settings.microbatches = microbatches
    settings.learningRate = number("learning_rate")
    settings.classifierLearningRate = number("head_learning_rate")
    settings.labelAttentionLearningRate = json["label_attention_learning_rate"]?.number
    settings.warmupRatio = number("warmup_ratio")
    settings.weightDecay = number("weight_decay")
    settings.maxGradientNorm = number("max_grad_norm")
    settings.adamBeta1 = number("adam_beta1")
    settings.adamBeta2 = number("adam_beta2")
    settings.adamEpsilon = number("adam_epsilon")
    return settings
  }
}

@Test(arguments: ReferenceCase.names, [1, 4, 6])
func tenTrainingStepsAreThoseOfPyTorch(_ name: String, microbatches: Int) throws {
  let reference = try ReferenceCase(name)
  let model = try reference.model()
  let settings = reference.settings(microbatches: microbatches)
  let step = try OptimizationStep(
    model, loss: try reference.loss(), settings: settings, communicator: try Communicator(),
    workspace: Workspace(capacity: 1 << 22))
  let steps = reference.json["steps"]?.array ?? []
  let schedule = LearningRateSchedule(settings, totalSteps: steps.count)
  #expect(steps.count == 10)
  for (number, expected) in steps.enumerated() {
    let rows = expected["rows"]?.array?.compactMap { $0.integer } ?? []
    let factor = schedule.factor(step: number)
    let rate = expected["learning_rate"]?.number ?? .nan
    #expect(abs(settings.learningRate * factor - rate) <= 1e-12)
    var times = StepTimes()
    let batch = StepBatch(
      ofOneRank: try (0..<microbatches).map { piece in
        try reference.batch(
          rows: stride(from: piece, to: rows.count, by: microbatches).map { rows[$0] })
      })
    let figures = try step.run(
      StepWork(batch, next: .unknown, number: number, factor: factor), times: &times
    ).figures
    let (loss, norm) = (expected["loss"]?.number ?? .nan, expected["grad_norm"]?.number ?? .nan)
    #expect(abs(figures.loss / loss - 1) <= lossTolerance, "loss of step \(number)")
    #expect(abs(figures.gradientNorm / norm - 1) <= normTolerance, "norm of step \(number)")
  }
  try step.gatherParameters()
  guard reference.json["has_final"]?.bool == true else { return }
  for slot in model.layout.slots where !ReferenceCase.isKeyBias(slot.name) {
    guard reference.expected.tensor("final.\(slot.name)") != nil else { continue }
    let wanted = try reference.floats("final.\(slot.name)")
    let worst = zip(model.parameters[slot.range].array, wanted).map { abs($0 - $1) }.max() ?? 0
    #expect(worst <= parameterTolerance, "\(slot.name): \(worst)")
  }
}
