// The sums of a logistic regression on the logits of two models.

import Foundation
import Memory
import Objectives

/// Log-likelihood of labels, its gradient and the negative of its second derivatives, with respect
/// to the six numbers of `EnsembleWeights`.
///
/// A cell's logit is the sum of (x₁, x₂, 1) ⊗ (1, r) times the numbers, x the logits of the models
/// and r the frequency of the label. So what is summed over rows is of (x₁, x₂, 1), and r comes in
/// once a label.
struct StackingSums {
  /// Numbers of `values`.
  static let count = 1 + 6 + 36

  private(set) var logLikelihood = 0.0
  /// `[6]`
  private(set) var gradient = [Double](repeating: 0, count: 6)
  /// `[6, 6]`
  private(set) var curvature = [Double](repeating: 0, count: 36)

  /// All sums end to end.
  var values: [Double] { [logLikelihood] + gradient + curvature }

  /// Adds the values of other sums.
  mutating func add(_ values: ArraySlice<Double>) {
    let start = values.startIndex
    logLikelihood += values[start]
    for index in gradient.indices { gradient[index] += values[start + 1 + index] }
    for index in curvature.indices { curvature[index] += values[start + 7 + index] }
  }

  /// Adds the known cells of some rows.
  mutating func add(
    _ first: Matrix<Float>, _ second: Matrix<Float>, _ targets: SparseTargets,
    _ weights: EnsembleWeights, _ frequencies: [Double]
  ) {
    var cells = [CellSums](repeating: CellSums(), count: frequencies.count)
    for row in 0..<targets.rows {
      let (x1, x2) = (first.row(row).array, second.row(row).array)
      var unknown = targets.unknown(row)
      for label in cells.indices {
        if let next = unknown.first, Int(next) == label {
          unknown.removeFirst()
          continue
        }
        cells[label].add(Double(x1[label]), Double(x2[label]), weights, label)
      }
      for label in targets[row].map({ Int($0) }) {
        cells[label].addPositive(Double(x1[label]), Double(x2[label]), weights, label)
      }
    }
    for (label, cell) in cells.enumerated() { add(cell, frequencies[label]) }
  }

  /// The step to where the gradient of the posterior would vanish; nil where there is none.
  func newtonStep(from w: [Double], prior: [Double]) -> [Double]? {
    var system = LinearSystem<6>(ridge: 1)
    for i in 0..<6 {
      system.right[i] = gradient[i] + prior[i] - w[i]
      for j in 0..<6 { system.matrix[i][j] += curvature[6 * i + j] }
    }
    return system.solution().map { step in step.indices.map { step[$0] } }
  }

  private mutating func add(_ cell: CellSums, _ frequency: Double) {
    logLikelihood += cell.logLikelihood
    let powers = [1, frequency]
    for i in 0..<6 {
      gradient[i] += cell.gradient[i / 2] * powers[i % 2]
      for j in 0..<6 {
        curvature[6 * i + j] += cell.moment(i / 2, j / 2) * powers[i % 2] * powers[j % 2]
      }
    }
  }
}

/// The sums of one label over rows, of (x₁, x₂, 1).
private struct CellSums {
  var logLikelihood = 0.0
  var gradient: InlineArray<3, Double> = [0, 0, 0]
  /// p·(1 − p) times x₁², x₁x₂, x₂², x₁, x₂, 1.
  private var moments: InlineArray<6, Double> = [0, 0, 0, 0, 0, 0]

  /// Adds a row as if it did not have the label.
  mutating func add(_ x1: Double, _ x2: Double, _ weights: EnsembleWeights, _ label: Int) {
    let z = weights.logit(x1, x2, label)
    let p = 1 / (1 + exp(-z))
    logLikelihood -= max(z, 0) + log1p(exp(-abs(z)))
    let w = p * (1 - p)
    gradient[0] -= p * x1
    gradient[1] -= p * x2
    gradient[2] -= p
    moments[0] += w * x1 * x1
    moments[1] += w * x1 * x2
    moments[2] += w * x2 * x2
    moments[3] += w * x1
    moments[4] += w * x2
    moments[5] += w
  }

  /// Adds what a row that has the label adds besides.
  mutating func addPositive(_ x1: Double, _ x2: Double, _ weights: EnsembleWeights, _ label: Int) {
    logLikelihood += weights.logit(x1, x2, label)
    gradient[0] += x1
    gradient[1] += x2
    gradient[2] += 1
  }

  /// The sum of p·(1 − p)·vᵢ·vⱼ with v = (x₁, x₂, 1).
  func moment(_ i: Int, _ j: Int) -> Double {
    let table: InlineArray<9, Int> = [0, 1, 3, 1, 2, 4, 3, 4, 5]
    return moments[table[3 * i + j]]
  }
}
