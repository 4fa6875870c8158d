// The few numbers of a step that all ranks must agree on.

import Collectives
import Kernels
import Memory
import Models
import Objectives

/// What a rank contributes, as integers: their sum has the same bits on any number of ranks.
package struct StepTotals {
  var loss: ExactSum
  var squaredNorm: ExactSum
  var tokens: Int
  var stops: Bool

  /// The sum over all ranks.
  func summed(over communicator: Communicator) throws -> StepTotals {
    let integers =
      (0..<4).map { loss.integers[$0] } + (0..<4).map { squaredNorm.integers[$0] }
      + [Int64(tokens), stops ? 1 : 0]
    let sum = Vector(integers)
    try communicator.sum(sum)
    return StepTotals(
      loss: ExactSum(integers: SIMD4(sum[0], sum[1], sum[2], sum[3])),
      squaredNorm: ExactSum(integers: SIMD4(sum[4], sum[5], sum[6], sum[7])),
      tokens: Int(sum[8]), stops: sum[9] > 0)
  }
}

/// What a step is judged and logged by.
package struct StepFigures {
  /// Mean over rows × labels, before the update.
  package let loss: Double
  /// Euclidean norm of the whole gradient, before clipping.
  package let gradientNorm: Double
  /// The schedule's factor of the learning rates.
  package let factor: Double

  var isFinite: Bool { loss.isFinite && gradientNorm.isFinite }

  /// What gradients are multiplied by so that their norm is at most `maximum`:
  /// min(1, c/(‖g‖ + 1e-6)), as PyTorch's `clip_grad_norm_`. 0 switches clipping off.
  func clipping(to maximum: Double) -> Float {
    maximum > 0 ? Float(min(1, maximum / (gradientNorm + 1e-6))) : 1
  }
}

/// A loss or gradient that is no number: the run cannot go on.
struct Divergence: ExitCoded, CustomStringConvertible {
  let step: Int
  let figures: StepFigures

  init(step: Int, _ figures: StepFigures) {
    self.step = step
    self.figures = figures
  }

  var exitCode: ExitCode { .diverged }

  var description: String {
    "training diverged at step \(step): loss \(figures.loss), gradient norm "
      + "\(figures.gradientNorm); what was saved before stays as it is. Lower training.learning_rate or "
      + "training.head_learning_rate, or clamp loss.pos_weight with max"
  }
}

extension GradientComputation {
  /// Spreads every rank's part of the updated parameters to all ranks.
  func gatherParameters(_ parameters: Vector<Float>) throws {
    for bucket in reducer.buckets.indices {
      try reducer.startGathering(parameters, of: bucket)
    }
    try reducer.finish()
  }
}

extension Communicator {
  /// Rank 0's answer, on every rank.
  func decide(_ body: () -> Bool) throws -> Bool {
    try broadcast([isRoot && body() ? 1 : 0]) == [1]
  }
}
