import Kernels
import Memory

/// Squared hinge loss, one binary machine a label: ℓ = p·y·max(0, m - x)² + (1 - y)·max(0, m + x)².
/// Fan, Chang, Hsieh, Wang, Lin, "LIBLINEAR: A Library for Large Linear Classification" (2008),
/// section 2, the loss of its L2-loss support vector classification, where m is 1. Another margin m
/// makes the same machine with logits m times as large, which σ turns into bolder probabilities.
struct SquaredHinge: Loss {
  static let entry = LossDescription(
    name: "squared_hinge", options: [NumericOption("margin", 1, in: 0.01...100)]
  ) {
    SquaredHinge(positiveWeights: $0.positiveWeights, margin: $0.options["margin"])
  }

  let positiveWeights: [Float]
  /// m.
  let margin: Double

  /// m².
  var unit: Double { margin * margin }

  /// max(0, m - x)²; mirrors `negative`.
  func positive(_ x: Double, label: Int, rowFactor: Double) -> LossTerm {
    let lack = max(0, margin - x)
    return LossTerm(value: lack * lack, derivative: -2 * lack)
  }

  /// max(0, m + x)².
  func negative(_ x: Double, label: Int, rowFactor: Double) -> LossTerm {
    let lack = max(0, margin + x)
    return LossTerm(value: lack * lack, derivative: 2 * lack)
  }

  /// The vector kernel of `negative`.
  func negatives(row: Vector<Float>, rowFactor: Double, scale: Float) -> Double {
    squaredHingeNegatives(row: row, margin: Float(margin), scale: scale)
  }
}
