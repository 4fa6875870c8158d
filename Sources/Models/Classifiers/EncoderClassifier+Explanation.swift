// What the tokens of a row add to its logits, for heads whose logits are sums over tokens.
//
// T tokens, B rows, H hidden size, n tokens of a row, K labels that are asked for.

import Data
import Kernels
import Memory

/// A head whose logits are a bias and a sum over a row's tokens.
protocol TokenSumHead: Head {
  /// What each token adds to the logits of some labels. `[n, K]`
  /// - Parameter hidden: the hidden states of one row. `[n, H]`
  func tokenTerms(_ hidden: Matrix<Float>, labels: [Int]) -> Matrix<Float>
}

extension EncoderClassifier {
  /// Whether logits are sums over tokens, and `tokenTerms` tells of what.
  public var sumsOverTokens: Bool { head is any TokenSumHead }

  /// What each token adds to some logits of its row: together the logit, but for the bias and what
  /// a linear part adds.
  /// - Parameters:
  ///   - labels: for each row of the batch those that are asked for.
  ///   - workspace: with room for `evaluationSize`, of which a batch's logits may be taken.
  /// - Returns: for each row `[n, K]`.
  public func tokenTerms(
    _ batch: Batch, labels: [[Int]], in workspace: Workspace
  ) -> [Matrix<Float>] {
    precondition(store.isComplete, "parameters are read that have not been gathered")
    guard let head = head as? any TokenSumHead else {
      preconditionFailure("the head's logits are no sums over tokens")
    }
    return workspace.temporarily {
      let hidden = encoder.hiddenStates(batch, RaggedRows(batch), in: workspace)
      return zip(batch.offsets, batch.offsets.dropFirst()).enumerated().map { row, tokens in
        head.tokenTerms(hidden.rows(tokens.0..<tokens.1), labels: labels[row])
      }
    }
  }
}

extension LabelAttentionHead: TokenSumHead {
  /// The weight of a token times its value.
  func tokenTerms(_ hidden: Matrix<Float>, labels: [Int]) -> Matrix<Float> {
    let (tokens, count) = (hidden.rows, labels.count)
    func product(_ weights: Matrix<Float>) -> Matrix<Float> {
      let lines = Matrix<Float>(zeros: count, weights.columns)
      for (place, label) in labels.enumerated() { lines.row(place).copy(from: weights.row(label)) }
      let product = Matrix<Float>(zeros: tokens, count)
      multiply(hidden, transposed: lines, into: product)
      return product
    }
    let (scores, values) = (product(queries.values), product(classifier.values))
    let (weights, terms) = (
      Matrix<Float>(zeros: tokens, count), Matrix<Float>(zeros: tokens, count)
    )
    weights.vector.copy(from: values.vector)
    let row = RaggedRows(offsets: [0, tokens], keys: [0])
    func line() -> Matrix<Float> { Matrix(zeros: 1, count) }
    let statistics = LabelAttentionStatistics(largest: line(), scales: line(), means: line())
    labelAttentionForward(scores: scores, values: values, rows: row, statistics: statistics)
    // The gradient of a mean with respect to a value is the value's weight.
    let ones = line()
    ones.vector.fill(1)
    labelAttentionBackward(
      scores: MixedPrecisionMatrix(scores, .float32),
      values: MixedPrecisionMatrix(weights, .float32), rows: row, statistics: statistics,
      gradients: ones)
    for token in 0..<tokens {
      for label in 0..<count { terms[token, label] = weights[token, label] * values[token, label] }
    }
    return terms
  }
}
