// The products of a layer that make queries, keys and values, forward and backward.
//
// T tokens, Q queries, H hidden.

import Kernels
import Memory

/// Queries, keys and values without their biases, or the gradients of these.
enum LayerQKV {
  /// Of all tokens, side by side, so that one product serves all three. `[T, 3H]`
  case whole(Operand)
  /// Queries of first tokens, `[Q, H]`, and keys and values of all, `[T, 2H]`.
  case parts(queries: Operand, keysAndValues: Operand)

  init(
    _ range: QueryRange, _ precision: ProductPrecision, _ size: MicrobatchSize, hidden: Int,
    in workspace: Workspace
  ) {
    func matrix(_ rows: Int, _ columns: Int) -> Operand {
      Operand(precision, rows, columns, in: workspace)
    }
    switch range {
    case .allTokens: self = .whole(matrix(size.tokens, 3 * hidden))
    case .firstTokens:
      self = .parts(
        queries: matrix(size.rows, hidden), keysAndValues: matrix(size.tokens, 2 * hidden))
    }
  }

  /// What attention reads, or writes gradients into.
  var attention: AttentionQKV {
    switch self {
    case .whole(let whole): AttentionQKV(whole)
    case .parts(let queries, let keysAndValues):
      AttentionQKV(queries: queries, keysAndValues: keysAndValues)
    }
  }

  /// Sets queries, keys and values.
  /// - Parameters:
  ///   - input: `[T, H]`
  ///   - attending: `[Q, H]`, those lines of it that have queries.
  func project(
    _ input: MixedPrecisionMatrix, attending: MixedPrecisionMatrix, _ weights: BertLayerWeights
  ) {
    switch self {
    case .whole(let whole):
      multiply(input.operand, transposed: weights.qkv, into: whole)
    case .parts(let queries, let keysAndValues):
      multiply(attending.operand, transposed: weights.queries, into: queries)
      multiply(input.operand, transposed: weights.keysAndValues, into: keysAndValues)
    }
  }

  /// Of gradients: sets that of the weights, `gradient [3H, H]`.
  func setWeightGradient(
    _ gradient: Matrix<Float>, _ input: MixedPrecisionMatrix, attending: MixedPrecisionMatrix
  ) {
    switch self {
    case .whole(let whole):
      multiply(transposed: whole, input.operand, into: gradient)
    case .parts(let queries, let keysAndValues):
      let hidden = gradient.columns
      multiply(
        transposed: queries, attending.operand, into: gradient.rows(0..<hidden))
      multiply(
        transposed: keysAndValues, input.operand,
        into: gradient.rows(hidden..<3 * hidden))
    }
  }

  /// Of gradients: sets that of the layer's input, `inputGradient [T, H]`.
  /// - Parameter gradient: `[Q, H]`, the part that does not come through attention. If all tokens
  ///   have queries it is `inputGradient` itself; else it is scratch afterwards.
  func propagate(
    _ weights: BertLayerWeights, adding gradient: Matrix<Float>, _ rows: RaggedRows,
    inputGradient: Matrix<Float>
  ) {
    switch self {
    case .whole(let whole):
      multiply(
        whole, weights.qkv, into: inputGradient, accumulate: true)
    case .parts(let queries, let keysAndValues):
      multiply(queries, weights.queries, into: gradient, accumulate: true)
      multiply(keysAndValues, weights.keysAndValues, into: inputGradient)
      addToFirstTokens(gradient, rows: rows, hiddenGradient: inputGradient)
    }
  }
}
