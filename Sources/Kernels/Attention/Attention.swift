// Attention inside each row of a ragged batch. For every row and head, with n tokens of size d:
//   S = Q·Kᵀ/√d,  P = softmax(S),  O = (mask∘P)·V.
// Nothing larger than a block of queries × the row's length is ever built. Kept for the backward
// pass are O and the logarithm of each query's softmax denominator, from which P is made again.
// With P' = mask∘P, dP = mask∘(dO·Vᵀ) and Dᵢ = dOᵢ·Oᵢ = Σⱼ Pᵢⱼ·dPᵢⱼ:
//   dV = P'ᵀ·dO,  dS = P∘(dP − D),  dQ = dS·K/√d,  dK = dSᵀ·Q/√d.
// Derivation: docs/explanation/backward.md, "Attention".
//
// The work on one row and head exists twice, by what its products are computed with: Vectors/ in
// single precision, AMX/ from operands rounded to bfloat16. Softmax is in single precision in both.
//
// T tokens, Q queries (all tokens, or the first of each row), H hidden size, A heads, d = H/A head
// size.

import Memory

/// Computes `results`, the attention of queries, keys and values, row by row.
/// - Parameters:
///   - results: overwritten.
///   - precision: of the products' operands; bfloat16 if the processor has matrix tiles.
///   - scratch: for that precision.
public func attentionForward(
  _ inputs: AttentionInputs, into results: AttentionResults, precision: ProductPrecision,
  scratch: AttentionScratch
) {
  let timer = KernelTimer(.attentionForward)
  defer { timer.stop() }
  let pass = AttentionPass(inputs: inputs, results: results, terms: scratch.terms)
  pass.check(longestRow: scratch.longestRow, headSize: scratch.headSize)
  let mask = scratch.mask(inputs.dropout)
  switch scratch.arithmetic(precision) {
  case .vectors(let memory):
    pass.forEachHead { VectorAttention($0, pass, mask, memory).forward() }
  case .tiles(let memory):
    AMX.using {
      pass.forEachHead { AMXAttention($0, pass, mask, memory).forward() }
    }
  }
}

/// Gradients of `attentionForward`, from the same inputs, precision and scratch.
/// - Parameter results: what the forward pass made.
public func attentionBackward(
  _ inputs: AttentionInputs, _ results: AttentionResults, gradients: AttentionGradients,
  precision: ProductPrecision, scratch: AttentionScratch
) {
  let timer = KernelTimer(.attentionBackward)
  defer { timer.stop() }
  let pass = AttentionPass(inputs: inputs, results: results, terms: scratch.terms)
  pass.check(longestRow: scratch.longestRow, headSize: scratch.headSize)
  gradients.check(inputs, results)
  let mask = scratch.mask(inputs.dropout)
  switch scratch.arithmetic(precision) {
  case .vectors(let memory):
    pass.forEachHead { VectorAttention($0, pass, mask, memory).backward(gradients) }
  case .tiles(let memory):
    AMX.using {
      pass.forEachHead { AMXAttention($0, pass, mask, memory).backward(gradients) }
    }
  }
}
