// Attention inside each row of a ragged batch. For every row and head, with n tokens of size d:
//   S = Q·Kᵀ/√d,  P = softmax(S),  O = (mask∘P)·V.
// Nothing larger than a block of queries × the row's length is ever built; kept for the backward pass are
// O and the logarithm of each query's softmax denominator, from which P is made again. With P' = mask∘P,
// dP = mask∘(dO·Vᵀ) and Dᵢ = dOᵢ·Oᵢ = Σⱼ Pᵢⱼ·dPᵢⱼ:
//   dV = P'ᵀ·dO,  dS = P∘(dP − D),  dQ = dS·K/√d,  dK = dSᵀ·Q/√d.
// Derivation: docs/backward.md, "Attention".
//
// The work on one row and head exists twice, by what its products are computed with: Vectors/ in single
// precision, AMX/ from operands rounded to bfloat16. Softmax is in single precision in both.
//
// T tokens, Q queries (all tokens, or the first of each row), H hidden size, A heads, d = H/A head size.

import Memory

/// output = attention of queries, keys and values, row by row.
/// - Parameters:
///   - qkv: what attends to what. Where queries are those of first tokens only, no row is empty.
///   - bias: `[3H]`, of queries, keys and values.
///   - dropout: of the probabilities, nil for none.
///   - output: `[Q, H]`
///   - logSumExp: `[Q, A]`, log₂ Σⱼ exp(Sᵢⱼ) of each query and head, for the backward pass.
///   - precision: of the products' operands; bfloat16 where the processor has matrix tiles.
///   - scratch: for that precision.
public func attentionForward(
  qkv: AttentionQKV, bias: Vector<Float>, rows: RaggedRows, shape: AttentionShape,
  dropout: Dropout?, output: Operand, logSumExp: Matrix<Float>, precision: ProductPrecision,
  scratch: AttentionScratch
) {
  let timer = KernelTimer(.attentionForward)
  defer { timer.stop() }
  let pass = AttentionPass(
    qkv: qkv, bias: bias, shape: shape, output: output, logSumExp: logSumExp,
    terms: scratch.terms)
  pass.check(rows, longestRow: scratch.longestRow, headSize: scratch.headSize)
  let mask = scratch.mask(dropout)
  switch scratch.arithmetic(precision) {
  case .vectors(let memory):
    pass.forEachHead(of: rows) { VectorAttention($0, pass, mask, memory).forward() }
  case .tiles(let memory):
    AMX.using {
      pass.forEachHead(of: rows) { AMXAttention($0, pass, mask, memory).forward() }
    }
  }
}

/// Gradients of `attentionForward`.
/// - Parameters:
///   - qkv: with `bias`, `dropout`, `logSumExp`, `precision`, `scratch`: as given forward.
///   - output: `[Q, H]`, what the forward pass made.
///   - outputGradient: `[Q, H]`
///   - qkvGradient: overwritten.
///   - biasGradient: `[3H]`; the sums of queries', keys' and values' gradients, before any rounding, are added.
public func attentionBackward(
  qkv: AttentionQKV, bias: Vector<Float>, rows: RaggedRows, shape: AttentionShape,
  dropout: Dropout?, output: Operand, logSumExp: Matrix<Float>, outputGradient: Operand,
  qkvGradient: AttentionQKV, biasGradient: Vector<Float>,
  precision: ProductPrecision, scratch: AttentionScratch
) {
  let timer = KernelTimer(.attentionBackward)
  defer { timer.stop() }
  let pass = AttentionPass(
    qkv: qkv, bias: bias, shape: shape, output: output, logSumExp: logSumExp,
    terms: scratch.terms)
  pass.check(rows, longestRow: scratch.longestRow, headSize: scratch.headSize)
  precondition(qkvGradient.hasShape(of: qkv) && biasGradient.count == bias.count)
  precondition(outputGradient.rows == output.rows && outputGradient.columns == output.columns)
  let gradients = AttentionGradients(
    output: outputGradient, qkv: qkvGradient, bias: biasGradient)
  let mask = scratch.mask(dropout)
  switch scratch.arithmetic(precision) {
  case .vectors(let memory):
    pass.forEachHead(of: rows) {
      VectorAttention($0, pass, mask, memory).backward(gradients)
    }
  case .tiles(let memory):
    AMX.using {
      pass.forEachHead(of: rows) {
        AMXAttention($0, pass, mask, memory).backward(gradients)
      }
    }
  }
}
