import Kernels
import Memory

/// Logit-adjusted loss: Menon, Jayasumana, Rawat, Jain, Veit, Kumar, "Long-tail Learning via Logit
/// Adjustment" (2021), equation 10, taken for each label as a problem of two classes: the
/// cross-entropy of x + τ·log(π/(1 - π)), where π/(1 - π) = (n⁺ + ½)/(n⁻ + ½). The model's own
/// logit x then estimates the balanced odds; 0.5 is the threshold for the balanced error.
struct LogitAdjustedLoss: Loss {
  static let entry = LossDescription(
    name: "logit_adjusted", options: [NumericOption("tau", 1, in: 0...10)]
  ) { context in
    LogitAdjustedLoss(
      positiveWeights: context.positiveWeights,
      offsets: (0..<context.counts.labels).map {
        context.options["tau"] * context.counts.logOdds($0)
      })
  }

  let positiveWeights: [Float]
  private let offsets: [Double]
  private let offsetLanes: Vector<Float>
  private let oneLanes: Vector<Float>

  init(positiveWeights: [Float], offsets: [Double]) {
    self.positiveWeights = positiveWeights
    self.offsets = offsets
    offsetLanes = laneVector(offsets.map(Float.init))
    oneLanes = laneVector(offsets.map { _ in 1 })
  }

  /// log(1 + e^-(x + b)).
  func positive(_ x: Double, label: Int, rowFactor: Double) -> LossTerm {
    let adjusted = x + offsets[label]
    return LossTerm(value: softplus(-adjusted), derivative: -sigmoid(-adjusted))
  }

  /// log(1 + e^(x + b)).
  func negative(_ x: Double, label: Int, rowFactor: Double) -> LossTerm {
    let adjusted = x + offsets[label]
    return LossTerm(value: softplus(adjusted), derivative: sigmoid(adjusted))
  }

  /// The vector kernel of `negative`.
  func negatives(row: Vector<Float>, rowFactor: Double, scale: Float) -> Double {
    weightedCrossEntropyNegatives(row: row, weights: oneLanes, offsets: offsetLanes, scale: scale)
  }
}
