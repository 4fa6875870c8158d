import Foundation
import Kernels
import Memory

/// Distribution-balanced loss: Wu, Huang, Liu, Wang, Lin, "Distribution-Balanced Loss for
/// Multi-Label Classification in Long-Tailed Datasets" (2020), equations 4, 6 and 10:
/// ℓ = r·y·log(1 + e^-(x - ν)) + r/λ·(1 - y)·log(1 + e^(λ(x - ν))).
///
/// - Re-balancing weight r = α + σ(β·(ρ - μ)), where ρ = (1/n⁺ⱼ) / Σ over the row's labels of 1/n⁺.
///   A row without labels has ρ = ∞ (r = α + 1). n⁺ is taken as at least 1.
/// - Bias -ν = κ·log(π/(1 - π)) with π = n⁺/n, n⁺ kept within ½ and n - ½; n counts the rows
///   of which the label is known.
/// - λ makes the loss tolerant of negatives: their slope is σ(λ(x - ν)).
///
/// Defaults are the paper's for COCO-MLT: α = 0.1, β = 10, μ = 0.2, κ = 0.05, λ = 2.
struct DistributionBalancedLoss: Loss {
  static let entry = LossDescription(
    name: "distribution_balanced",
    options: [
      NumericOption("alpha", 0.1, in: 0...10), NumericOption("beta", 10, in: 0...1000),
      NumericOption("mu", 0.2, in: 0...1), NumericOption("kappa", 0.05, in: 0...10),
      NumericOption("lambda", 2, in: 0.01...100),
    ], make: { DistributionBalancedLoss($0) })

  let positiveWeights: [Float]
  private let alpha: Double
  private let beta: Double
  private let mu: Double
  private let lambda: Double
  private let offsets: [Double]
  private let inverseCounts: [Double]
  private let meanRowSum: Double
  private let offsetLanes: Vector<Float>
  private let inverseCountLanes: Vector<Float>

  init(_ context: LossContext) {
    let options = context.options
    positiveWeights = context.positiveWeights
    alpha = options["alpha"]
    beta = options["beta"]
    mu = options["mu"]
    lambda = options["lambda"]
    let rows = Double(max(context.counts.rows, 1))
    offsets = zip(context.counts.positives, context.counts.known).map { positives, known in
      let known = Double(max(known, 1))
      let count = min(max(Double(positives), 0.5), known - 0.5)
      return options["kappa"] * log(count / (known - count))
    }
    inverseCounts = context.counts.positives.map { 1 / Double(max($0, 1)) }
    // Over all rows the sums of 1/n⁺ add up to the number of labels that occur.
    meanRowSum = Double(context.counts.positives.filter { $0 > 0 }.count) / rows
    offsetLanes = laneVector(offsets.map(Float.init))
    inverseCountLanes = laneVector(inverseCounts.map(Float.init))
  }

  /// Σ of 1/n⁺ over the row's labels.
  func rowFactor(positives: ArraySlice<Int32>) -> Double {
    positives.reduce(0) { $0 + inverseCounts[Int($1)] }
  }

  /// The mean over the training rows, to which a row that has the label adds the label's own part.
  func typicalRowFactor(label: Int, hasLabel: Bool) -> Double {
    meanRowSum + (hasLabel ? inverseCounts[label] : 0)
  }

  private func weight(label: Int, rowFactor: Double) -> Double {
    alpha + sigmoid(inverseCounts[label] * rate(rowFactor) - beta * mu)
  }

  /// β / Σ, finite so that β = 0 and rows without labels stay defined.
  private func rate(_ rowFactor: Double) -> Double {
    beta == 0 ? 0 : rowFactor > 0 ? min(beta / rowFactor, 1e30) : 1e30
  }

  /// r·log(1 + e^-(x - ν)).
  func positive(_ x: Double, label: Int, rowFactor: Double) -> LossTerm {
    let r = weight(label: label, rowFactor: rowFactor)
    let shifted = x + offsets[label]
    return LossTerm(value: r * softplus(-shifted), derivative: -r * sigmoid(-shifted))
  }

  /// r/λ·log(1 + e^(λ(x - ν))).
  func negative(_ x: Double, label: Int, rowFactor: Double) -> LossTerm {
    let r = weight(label: label, rowFactor: rowFactor)
    let shifted = lambda * (x + offsets[label])
    return LossTerm(value: r / lambda * softplus(shifted), derivative: r * sigmoid(shifted))
  }

  /// The vector kernel of `negative`.
  func negatives(row: Vector<Float>, rowFactor: Double, scale: Float) -> Double {
    distributionBalancedNegatives(
      row: row, offsets: offsetLanes, inverseCounts: inverseCountLanes,
      DistributionBalance(
        alpha: Float(alpha), rate: Float(rate(rowFactor)), center: Float(beta * mu),
        lambda: Float(lambda)), scale: scale)
  }
}
