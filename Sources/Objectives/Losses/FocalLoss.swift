import Foundation
import Kernels
import Memory

/// Focal loss: Lin, Goyal, Girshick, He, Dollár, "Focal Loss for Dense Object Detection" (2017),
/// equation 5: ℓ = -α·y·(1 - σ)^γ·log σ - (1 - α)·(1 - y)·σ^γ·log(1 - σ), with the paper's
/// γ = 2 and α = 0.25. α = -1 leaves both factors out.
struct FocalLoss: Loss {
  static let entry = LossDescription(
    name: "focal",
    options: [NumericOption("gamma", 2, in: 0...20), NumericOption("alpha", 0.25, in: -1...1)]
  ) { context in
    let alpha = context.options["alpha"]
    return FocalLoss(
      positiveWeights: context.positiveWeights, gamma: context.options["gamma"],
      positiveFactor: alpha < 0 ? 1 : alpha, negativeFactor: alpha < 0 ? 1 : 1 - alpha)
  }

  let positiveWeights: [Float]
  let gamma: Double
  let positiveFactor: Double
  let negativeFactor: Double

  /// α·(1 - σ)^γ·log(1 + e^-x); mirrors `negative`.
  func positive(_ x: Double, label: Int, rowFactor: Double) -> LossTerm {
    let mirrored = focused(-x)
    return LossTerm(
      value: positiveFactor * mirrored.value, derivative: -positiveFactor * mirrored.derivative)
  }

  /// (1 - α)·σ^γ·log(1 + e^x).
  func negative(_ x: Double, label: Int, rowFactor: Double) -> LossTerm {
    let term = focused(x)
    return LossTerm(
      value: negativeFactor * term.value, derivative: negativeFactor * term.derivative)
  }

  /// σ^γ·log(1 + e^x), whose derivative is σ^γ·(γ·(1 - σ)·log(1 + e^x) + σ).
  private func focused(_ x: Double) -> LossTerm {
    let focus = exp(-gamma * softplus(-x))
    return LossTerm(
      value: focus * softplus(x),
      derivative: focus * (gamma * sigmoid(-x) * softplus(x) + sigmoid(x)))
  }

  /// The vector kernel of `negative`.
  func negatives(row: Vector<Float>, rowFactor: Double, scale: Float) -> Double {
    focalNegatives(row: row, gamma: Float(gamma), factor: Float(negativeFactor), scale: scale)
  }
}
