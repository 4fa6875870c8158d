import Foundation
import Kernels
import Memory

/// Asymmetric loss: Ridnik, Ben-Baruch, Zamir, Noy, Friedman, Protter, Zelnik-Manor, "Asymmetric
/// Loss For Multi-Label Classification" (2021), equations 5 to 7:
/// ℓ = -y·(1 - σ)^γ⁺·log σ - (1 - y)·q^γ⁻·log(1 - q) with q = max(σ - clip, 0), and the paper's
/// γ⁻ = 4, γ⁺ = 1, clip = 0.05.
///
/// As in the implementation that the authors released, the gradient by default does not flow
/// through the focusing weights (1 - σ)^γ⁺ and q^γ⁻: they count as constants.
/// `focusing_gradient` = 1 lets it flow, which is the derivative of the formula. The floor of 1e-8
/// under the logarithms there is not needed here, as log σ is computed from the logit.
struct AsymmetricLoss: Loss {
  static let entry = LossDescription(
    name: "asymmetric",
    options: [
      NumericOption("gamma_neg", 4, in: 0...20), NumericOption("gamma_pos", 1, in: 0...20),
      NumericOption("clip", 0.05, in: 0...0.5), NumericOption("focusing_gradient", 0, in: 0...1),
    ]
  ) { context in
    AsymmetricLoss(
      positiveWeights: context.positiveWeights, gammaNegative: context.options["gamma_neg"],
      gammaPositive: context.options["gamma_pos"], clip: context.options["clip"],
      differentiatesFocus: context.options["focusing_gradient"] != 0)
  }

  let positiveWeights: [Float]
  let gammaNegative: Double
  let gammaPositive: Double
  let clip: Double
  let differentiatesFocus: Bool

  /// (1 - σ)^γ⁺·log(1 + e^-x).
  func positive(_ x: Double, label: Int, rowFactor: Double) -> LossTerm {
    let focus = exp(-gammaPositive * softplus(x))
    let flow = differentiatesFocus ? gammaPositive * sigmoid(x) * softplus(-x) : 0
    return LossTerm(value: focus * softplus(-x), derivative: -focus * (flow + sigmoid(-x)))
  }

  /// -q^γ⁻·log(1 - q).
  func negative(_ x: Double, label: Int, rowFactor: Double) -> LossTerm {
    let q = sigmoid(x) - clip
    guard q > 0 else { return LossTerm(value: 0, derivative: 0) }
    // For clip = 0 and a large logit 1 - q is below the spacing of numbers around 1.
    let rest = clip == 0 ? sigmoid(-x) : 1 - q
    let focus = pow(q, gammaNegative)
    let logarithm = clip == 0 ? -softplus(x) : log1p(-q)
    let flow = differentiatesFocus ? -gammaNegative * logarithm / q : 0
    return LossTerm(
      value: -focus * logarithm,
      derivative: focus * (flow + 1 / rest) * sigmoid(x) * sigmoid(-x))
  }

  /// The vector kernel of `negative`.
  func negatives(row: Vector<Float>, rowFactor: Double, scale: Float) -> Double {
    asymmetricNegatives(
      row: row, gamma: Float(gammaNegative), clip: Float(clip),
      differentiatesFocus: differentiatesFocus, scale: scale)
  }
}
