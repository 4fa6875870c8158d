// The few numbers of a step that all ranks must agree on.

import Collectives
import Memory
import Objectives

/// What a rank contributes, as integers: their sum has the same bits on any number of ranks.
package struct StepTotals {
  var loss: ExactSum
  var squaredNorm: ExactSum
  var tokens: Int

  /// The sum over all ranks.
  func summed(over communicator: Communicator) throws -> StepTotals {
    let integers =
      (0..<4).map { loss.integers[$0] } + (0..<4).map { squaredNorm.integers[$0] }
      + [Int64(tokens)]
    let sum = Vector(integers)
    try communicator.sum(sum)
    return StepTotals(
      loss: ExactSum(integers: SIMD4(sum[0], sum[1], sum[2], sum[3])),
      squaredNorm: ExactSum(integers: SIMD4(sum[4], sum[5], sum[6], sum[7])),
      tokens: Int(sum[8]))
  }
}

/// What a step is judged and logged by.
package struct StepMetrics {
  /// Mean over the step's known cells, rows × labels where all is known, before the update.
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

/// What became of a step.
package struct StepOutcome {
  package let figures: StepMetrics
  package let totals: StepTotals
  /// If loss or gradient was not finite and nothing was updated: what this rank found in its own
  /// microbatches. nil after an update.
  let nonFiniteReports: [NonFiniteReport]?
}
