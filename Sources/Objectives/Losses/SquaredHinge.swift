import Kernels
import Memory

/// Squared hinge loss, one binary machine a label: ℓ = p·y·max(0, 1 - x)² + (1 - y)·max(0, 1 + x)².
/// Fan, Chang, Hsieh, Wang, Lin, "LIBLINEAR: A Library for Large Linear Classification" (2008),
/// section 2, the loss of its L2-loss support vector classification.
struct SquaredHinge: Loss {
  static let entry = LossDescription(name: "squared_hinge") {
    SquaredHinge(positiveWeights: $0.positiveWeights)
  }

  let positiveWeights: [Float]

  /// max(0, 1 - x)²; mirrors `negative`.
  func positive(_ x: Double, label: Int, rowFactor: Double) -> LossTerm {
    let margin = max(0, 1 - x)
    return LossTerm(value: margin * margin, derivative: -2 * margin)
  }

  /// max(0, 1 + x)².
  func negative(_ x: Double, label: Int, rowFactor: Double) -> LossTerm {
    let margin = max(0, 1 + x)
    return LossTerm(value: margin * margin, derivative: 2 * margin)
  }

  /// The vector kernel of `negative`.
  func negatives(row: Vector<Float>, rowFactor: Double, scale: Float) -> Double {
    squaredHingeNegatives(row: row, scale: scale)
  }
}
