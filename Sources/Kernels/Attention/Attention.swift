// Attention inside each row of a ragged batch. For every row and head, with n tokens of size d:
//   S = Q·Kᵀ/√d,  P = softmax(S),  O = (mask∘P)·V.
// Nothing larger than a block of queries × the row's length is ever built; kept for the backward pass are
// O and the logarithm of each query's softmax denominator, from which P is made again. With P' = mask∘P,
// dP = mask∘(dO·Vᵀ) and Dᵢ = dOᵢ·Oᵢ = Σⱼ Pᵢⱼ·dPᵢⱼ:
//   dV = P'ᵀ·dO,  dS = P∘(dP − D),  dQ = dS·K/√d,  dK = dSᵀ·Q/√d.
// Derivation: docs/backward.md, "Attention".
//
// The work on one row and head exists twice, by what its products are computed with: Vectors/ in single
// precision, Tiles/ from operands rounded to bfloat16. Softmax is in single precision in both.
//
// T tokens, Q queries (all tokens, or the first of each row), H hidden size, A heads, d = H/A head size.

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
public struct AttentionProjection {
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

  /// Queries of each row's first token, `[B, H]`, and keys and values of all side by side, `[T, 2H]`.
  public init(queries: Operand, keysAndValues: Operand) {
    precondition(keysAndValues.columns == 2 * queries.columns)
    self.queries = queries
    keys = keysAndValues.columns(0..<queries.columns)
    values = keysAndValues.columns(queries.columns..<2 * queries.columns)
    isOfFirstTokens = true
  }
}

/// output = attention of queries, keys and values, row by row.
/// - Parameters:
///   - projection: what attends to what. Where queries are those of first tokens only, no row is empty.
///   - bias: `[3H]`, of queries, keys and values.
///   - dropout: of the probabilities, nil for none.
///   - output: `[Q, H]`
///   - logSumExp: `[Q, A]`, log₂ Σⱼ exp(Sᵢⱼ) of each query and head, for the backward pass.
///   - precision: of the products' operands; bfloat16 where the processor has matrix tiles.
///   - scratch: for that precision.
public func attentionForward(
  projection: AttentionProjection, bias: Vector<Float>, rows: RaggedRows, shape: AttentionShape,
  dropout: Dropout?, output: Operand, logSumExp: Matrix<Float>, precision: ProductPrecision,
  scratch: AttentionScratch
) {
  let timer = KernelTimer(.attentionForward)
  defer { timer.stop() }
  let pass = AttentionPass(
    projection: projection, bias: bias, shape: shape, output: output, logSumExp: logSumExp,
    terms: scratch.terms)
  pass.check(rows, scratch)
  let mask = scratch.mask(dropout)
  switch scratch.arithmetic(precision) {
  case .vectors(let memory):
    pass.forEachHead(of: rows) { VectorAttention($0, pass, mask, memory).forward() }
  case .tiles(let memory):
    MatrixTiles.using {
      pass.forEachHead(of: rows) { TileAttention($0, pass, mask, memory).forward() }
    }
  }
}

/// Gradients of `attentionForward`.
/// - Parameters:
///   - projection: with `bias`, `dropout`, `logSumExp`, `precision`, `scratch`: as given forward.
///   - output: `[Q, H]`, what the forward pass made.
///   - outputGradient: `[Q, H]`
///   - projectionGradient: overwritten.
///   - biasGradient: `[3H]`; the sums of the projection's gradient, before any rounding, are added.
public func attentionBackward(
  projection: AttentionProjection, bias: Vector<Float>, rows: RaggedRows, shape: AttentionShape,
  dropout: Dropout?, output: Operand, logSumExp: Matrix<Float>, outputGradient: Operand,
  projectionGradient: AttentionProjection, biasGradient: Vector<Float>,
  precision: ProductPrecision, scratch: AttentionScratch
) {
  let timer = KernelTimer(.attentionBackward)
  defer { timer.stop() }
  let pass = AttentionPass(
    projection: projection, bias: bias, shape: shape, output: output, logSumExp: logSumExp,
    terms: scratch.terms)
  pass.check(rows, scratch)
  precondition(projectionGradient.hasShape(of: projection) && biasGradient.count == bias.count)
  precondition(outputGradient.rows == output.rows && outputGradient.columns == output.columns)
  let gradients = AttentionGradients(
    output: outputGradient, projection: projectionGradient, bias: biasGradient)
  let mask = scratch.mask(dropout)
  switch scratch.arithmetic(precision) {
  case .vectors(let memory):
    pass.forEachHead(of: rows) {
      VectorAttention($0, pass, mask, memory).backward(gradients)
    }
  case .tiles(let memory):
    MatrixTiles.using {
      pass.forEachHead(of: rows) {
        TileAttention($0, pass, mask, memory).backward(gradients)
      }
    }
  }
}
