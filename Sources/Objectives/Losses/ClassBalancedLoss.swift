import Foundation
import Kernels
import Memory

/// Class-balanced loss: Cui, Jia, Lin, Song, Belongie, "Class-Balanced Loss Based on Effective
/// Number of Samples" (2019), equation 11 with the sigmoid cross-entropy: every entry of label j,
/// positive or not, is weighted by wⱼ = (1 - β)/(1 - β^n⁺ⱼ), scaled to mean 1 over the labels;
/// n⁺ is taken as at least 1. (To weight the positives alone, choose `effective_number` as
/// positive weight.)
struct ClassBalancedLoss: Loss {
  static let entry = LossDescription(
    name: "class_balanced", options: [NumericOption("beta", 0.9999, in: 0...0.999999999)]
  ) { context in
    ClassBalancedLoss(
      positiveWeights: context.positiveWeights,
      weights: effectiveNumberWeights(context.counts, beta: context.options["beta"]))
  }

  let positiveWeights: [Float]
  private let weights: [Double]
  private let weightLanes: Vector<Float>
  private let zeroLanes: Vector<Float>

  init(positiveWeights: [Float], weights: [Double]) {
    self.positiveWeights = positiveWeights
    self.weights = weights
    weightLanes = laneVector(weights.map(Float.init))
    zeroLanes = Vector(zeros: weightLanes.count)
  }

  /// w·log(1 + e^-x).
  func positive(_ x: Double, label: Int, rowFactor: Double) -> LossTerm {
    LossTerm(value: weights[label] * softplus(-x), derivative: -weights[label] * sigmoid(-x))
  }

  /// w·log(1 + e^x).
  func negative(_ x: Double, label: Int, rowFactor: Double) -> LossTerm {
    LossTerm(value: weights[label] * softplus(x), derivative: weights[label] * sigmoid(x))
  }

  /// The vector kernel of `negative`.
  func negatives(row: Vector<Float>, rowFactor: Double, scale: Float) -> Double {
    weightedCrossEntropyNegatives(
      row: row, weights: weightLanes, offsets: zeroLanes, scale: scale)
  }
}
