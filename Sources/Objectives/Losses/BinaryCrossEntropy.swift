import Kernels
import Memory

/// Weighted binary cross-entropy, as PyTorch's `BCEWithLogitsLoss(pos_weight=p)`:
/// ℓ = -p·y·log σ(x) - (1 - y)·log(1 - σ(x)).
struct BinaryCrossEntropy: Loss {
  static let entry = LossDescription(name: "bce") {
    BinaryCrossEntropy(positiveWeights: $0.positiveWeights)
  }

  let positiveWeights: [Float]

  /// log(1 + e^-x) and its derivative σ(x) - 1.
  func positive(_ x: Double, label: Int, rowFactor: Double) -> LossTerm {
    LossTerm(value: softplus(-x), derivative: -sigmoid(-x))
  }

  /// log(1 + e^x) and its derivative σ(x).
  func negative(_ x: Double, label: Int, rowFactor: Double) -> LossTerm {
    LossTerm(value: softplus(x), derivative: sigmoid(x))
  }

  /// The vector kernel of `negative`.
  func negatives(row: Vector<Float>, rowFactor: Double, scale: Float) -> Double {
    crossEntropyNegatives(row: row, scale: scale)
  }
}
