// How much each of two models counts for labels of different frequency: logistic regression on
// their logits (stacking: Wolpert 1992), with weights that follow the number of a label's training
// rows.

import Foundation
import Kernels
import Memory
import Objectives
import Reporting

/// What the logits of two models are multiplied by before they are added, and what is added
/// besides.
struct EnsembleWeights: Equatable {
  /// Of the encoder's logits, `[L]`.
  let encoder: [Float]
  /// Of the linear model's logits, `[L]`.
  let linear: [Float]
  /// Added to the sum, `[L]`.
  let offset: [Float]

  /// The encoder's logits as they are, and `scale` times the linear model's.
  init(scale: Float, labels: Int) {
    encoder = Array(repeating: 1, count: labels)
    linear = Array(repeating: scale, count: labels)
    offset = Array(repeating: 0, count: labels)
  }

  /// A label with frequency r has (w₀ + w₁·r)·x₁ + (w₂ + w₃·r)·x₂ + w₄ + w₅·r.
  private init(_ w: [Double], _ frequencies: [Double]) {
    encoder = frequencies.map { Float(w[0] + w[1] * $0) }
    linear = frequencies.map { Float(w[2] + w[3] * $0) }
    offset = frequencies.map { Float(w[4] + w[5] * $0) }
  }

  /// The most probable weights given labeled rows that neither model was trained on, by Newton's
  /// method. Collective.
  ///
  /// r is ln(1 + n) of a label with n training rows, less its mean over labels. Beforehand the six
  /// numbers are those of the mean of both logits, with deviation 1.
  init(_ scores: EnsembleScores) throws {
    let logs = scores.counts.positives.map { log1p(Double($0)) }
    let mean = logs.reduce(0, +) / Double(max(1, logs.count))
    let frequencies = logs.map { $0 - mean }
    let prior = [0.5, 0, 0.5, 0, 0, 0]
    func posterior(_ w: [Double]) throws -> (sums: StackingSums, value: Double) {
      let sums = try scores.stackingSums(EnsembleWeights(w, frequencies), frequencies)
      let distance = zip(w, prior).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      return (sums, sums.logLikelihood - distance / 2)
    }
    var w = prior
    var current = try posterior(w)
    for _ in 0..<30 {
      guard var step = current.sums.newtonStep(from: w, prior: prior) else { break }
      var next = try posterior(zip(w, step).map { $0 + $1 })
      for _ in 0..<8 where !(next.value >= current.value) {
        step = step.map { $0 / 2 }
        next = try posterior(zip(w, step).map { $0 + $1 })
      }
      guard next.value > current.value else { break }
      let gain = next.value - current.value
      (w, current) = (zip(w, step).map { $0 + $1 }, next)
      if gain < 1e-7 * abs(current.value) { break }
    }
    self.init(w, frequencies)
  }

  /// What the linear model's logits are multiplied by, beside the encoder's.
  var summary: String {
    let ratios = zip(linear, encoder).map { $0 / $1 }.sorted()
    func shown(_ ratio: Float?) -> String { significant(Double(ratio ?? 0)) }
    return ratios.first == ratios.last
      ? "its logits times \(shown(ratios.first))"
      : "its logits times \(shown(ratios.first)) to \(shown(ratios.last)), by how frequent a label is"
  }

  /// The logit of a label.
  func logit(_ x1: Double, _ x2: Double, _ label: Int) -> Double {
    Double(encoder[label]) * x1 + Double(linear[label]) * x2 + Double(offset[label])
  }

  /// What is added to the encoder's scaled biases, `[L]`.
  func bias(_ linearBias: Vector<Float>) -> [Float] {
    linearBias.array.indices.map { linear[$0] * linearBias[$0] + offset[$0] }
  }

  /// The weighted sum of the logits of some rows, `[rows, L]`.
  func sum(_ encoder: Matrix<Float>, _ linear: Matrix<Float>) -> Matrix<Float> {
    let sum = Matrix<Float>(zeros: encoder.rows, encoder.columns)
    for row in 0..<sum.rows {
      let (x1, x2) = (encoder.row(row).array, linear.row(row).array)
      sum.row(row).copy(
        from: x1.indices.map {
          self.encoder[$0] * x1[$0] + (self.linear[$0] * x2[$0] + offset[$0])
        })
    }
    return sum
  }
}
