import Foundation
import Kernels

/// Label attention in double precision, element by element.
struct ScalarLabelAttention {
  /// `[B, K]` each, as in `LabelAttentionStatistics`.
  private(set) var largest: [Double] = []
  private(set) var scales: [Double] = []
  private(set) var means: [Double] = []
  private let scores: ScalarMatrix
  private let values: ScalarMatrix
  private let rows: RaggedRows
  private let labels: Int

  init(_ scores: [Double], _ values: [Double], _ rows: RaggedRows, _ labels: Int) {
    self.scores = ScalarMatrix(scores, rows.tokenCount, labels)
    self.values = ScalarMatrix(values, rows.tokenCount, labels)
    (self.rows, self.labels) = (rows, labels)
    for row in 0..<rows.count {
      for label in 0..<labels {
        let tokens = tokens(row)
        let largest = tokens.map { self.scores[$0, label] }.max() ?? 0
        let scale = 1 / tokens.reduce(0) { $0 + exp(self.scores[$1, label] - largest) }
        self.largest.append(largest)
        scales.append(scale)
        means.append(
          tokens.reduce(0) {
            $0 + exp(self.scores[$1, label] - largest) * scale * self.values[$1, label]
          })
      }
    }
  }

  private func tokens(_ row: Int) -> Range<Int> { rows.offsets[row]..<rows.offsets[row + 1] }

  /// By the softmax's whole Jacobian: ∂aᵢ/∂sⱼ = aᵢ·(δᵢⱼ − aⱼ).
  func gradients(_ upstream: [Double]) -> (scores: [Double], values: [Double]) {
    var ofScores = [Double](repeating: 0, count: rows.tokenCount * labels)
    var ofValues = ofScores
    for row in 0..<rows.count {
      for label in 0..<labels {
        let place = row * labels + label
        func share(_ token: Int) -> Double {
          exp(scores[token, label] - largest[place]) * scales[place]
        }
        for token in tokens(row) {
          ofValues[token * labels + label] = share(token) * upstream[place]
          for other in tokens(row) {
            let slope = share(other) * ((other == token ? 1 : 0) - share(token))
            ofScores[token * labels + label] += upstream[place] * values[other, label] * slope
          }
        }
      }
    }
    return (ofScores, ofValues)
  }
}
