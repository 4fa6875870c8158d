// What attention reads, and its sizes. T tokens, Q queries, H hidden size, A heads,
// d = H/A head size.

import Memory

/// What attention needs to know of its layer.
public struct AttentionShape: Sendable {
  /// A, the number of heads, which divides the hidden size.
  public let heads: Int
  /// d, the size of a head.
  public let headSize: Int

  /// `heads` heads of `headSize`.
  public init(heads: Int, headSize: Int) {
    precondition(heads > 0 && headSize > 0)
    self.heads = heads
    self.headSize = headSize
  }

  /// H, the hidden size.
  public var hiddenSize: Int { heads * headSize }
}

/// Queries, keys and values of all heads, without their biases, or the gradients of these.
public struct AttentionQKV {
  /// `[Q, H]`: of all tokens, or of the first of each row.
  public let queries: Operand
  /// `[T, H]`
  public let keys: Operand
  /// `[T, H]`
  public let values: Operand
  /// Whether only first tokens have queries.
  let isOfFirstTokens: Bool

  /// The three side by side, of all tokens: `[T, 3H]`.
  public init(_ whole: Operand) {
    precondition(whole.columns % 3 == 0)
    let hidden = whole.columns / 3
    queries = whole.columns(0..<hidden)
    keys = whole.columns(hidden..<2 * hidden)
    values = whole.columns(2 * hidden..<3 * hidden)
    isOfFirstTokens = false
  }

  /// Queries of each row's first token, `[B, H]`, and keys and values of all side
  /// by side, `[T, 2H]`.
  public init(queries: Operand, keysAndValues: Operand) {
    precondition(keysAndValues.columns == 2 * queries.columns)
    self.queries = queries
    keys = keysAndValues.columns(0..<queries.columns)
    values = keysAndValues.columns(queries.columns..<2 * queries.columns)
    isOfFirstTokens = true
  }
}
