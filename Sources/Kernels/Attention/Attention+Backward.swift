// The backward pass of Attention.swift. P is made again from Q, K and the kept logarithms. With
// P' = mask∘P, dP = mask∘(dO·Vᵀ) and Dᵢ = dOᵢ·Oᵢ = Σⱼ Pᵢⱼ·dPᵢⱼ:
//   dV = P'ᵀ·dO,  dS = P∘(dP − D),  dQ = dS·K/√d,  dK = dSᵀ·Q/√d.
// Derivation: docs/backward.md, "Attention".

import CVector
import Memory

/// Gradients of `attentionForward`.
/// - Parameters:
///   - projection: `[T, 3H]`, `bias`, `dropout`, `logSumExp`, `scratch`: as given forward.
///   - output: `[T, H]`, what the forward pass made.
///   - outputGradient: `[T, H]`
///   - projectionGradient: `[T, 3H]`, overwritten.
public func attentionBackward(
  projection: Matrix<Float>, bias: Vector<Float>, rows: RaggedRows, shape: AttentionShape,
  dropout: Dropout?, output: Matrix<Float>, logSumExp: Matrix<Float>,
  outputGradient: Matrix<Float>, projectionGradient: Matrix<Float>, scratch: AttentionScratch
) {
  let timer = KernelTimer(.attentionBackward)
  defer { timer.stop() }
  checkShapes(projection, output, logSumExp, rows, shape, scratch)
  precondition(bias.count == projection.columns)
  precondition(projectionGradient.rows == projection.rows)
  precondition(projectionGradient.columns == projection.columns)
  precondition(outputGradient.rows == output.rows && outputGradient.columns == output.columns)
  for row in 0..<rows.count {
    let head = AttentionHead(
      first: rows.offsets[row], tokens: rows.offsets[row + 1] - rows.offsets[row],
      key: rows.keys[row], shape: shape)
    for index in 0..<shape.heads {
      head.packInputs(index, projection, bias, scratch)
      head.transpose(scratch.values, scratch.transposedValues)
      head.pack(outputGradient, nil, index * shape.headSize, 1, scratch.outputGradients)
      head.clearSums(scratch)
      for block in stride(from: 0, to: head.tokens, by: queryBlock) {
        head.backwardBlock(
          index, block, dropout, output, logSumExp, projectionGradient, scratch)
      }
      head.unpackSums(index, projectionGradient, scratch)
    }
  }
}

extension AttentionHead {
  /// dK and dV are summed over blocks of queries.
  fileprivate func clearSums(_ scratch: AttentionScratch) {
    let count = roundUp(tokens, tileRows) * paddedSize
    scratch.keyGradients.update(repeating: 0, count: count)
    scratch.valueGradients.update(repeating: 0, count: count)
  }

  fileprivate func unpackSums(_ index: Int, _ target: Matrix<Float>, _ scratch: AttentionScratch) {
    let column = index * headSize
    let hidden = shape.hiddenSize
    // The packed queries carry the factor 1/√d already.
    unpack(scratch.keyGradients, 0, tokens, 1, target, hidden + column)
    unpack(scratch.valueGradients, 0, tokens, 1, target, 2 * hidden + column)
  }

  fileprivate func backwardBlock(
    _ index: Int, _ block: Int, _ dropout: Dropout?, _ output: Matrix<Float>,
    _ logSumExp: Matrix<Float>, _ projectionGradient: Matrix<Float>, _ scratch: AttentionScratch
  ) {
    let count = queries(in: block)
    let padded = roundUp(count, tileRows)
    let blockGradients = scratch.outputGradients + block * paddedSize
    scores(block, padded, scratch)
    smallProduct(
      TileOperand(pointer: blockGradients, rowStride: paddedSize, stepStride: 1),
      scratch.transposedValues, bStride: paddedTokens, scratch.scoreGradients,
      cStride: paddedTokens, rows: padded, columns: paddedTokens, depth: headSize)
    for query in 0..<count {
      let token = first + block + query
      let line = output.pointer + token * output.stride + index * headSize
      prefetch(line + linesAhead * output.stride)
      let projected = rowProduct(blockGradients + query * paddedSize, line)
      let logarithm = logSumExp.pointer[token * logSumExp.stride + index]
      differentiate(query, block + query, index, logarithm, projected, dropout, scratch)
    }
    sumKeysAndValues(block, count, scratch)
    smallProduct(
      TileOperand(pointer: scratch.scoreGradients, rowStride: paddedTokens, stepStride: 1),
      scratch.keys, bStride: paddedSize, scratch.block, cStride: paddedSize, rows: padded,
      columns: paddedSize, depth: tokens)
    let scale = 1 / Float(headSize).squareRoot()
    unpack(scratch.block, block, count, scale, projectionGradient, index * headSize)
  }

  /// D of one query: the product of its packed output gradient and its output.
  private func rowProduct(_ gradient: UnsafePointer<Float>, _ output: UnsafePointer<Float>) -> Float
  {
    var sum = Lanes()
    forEachVector(headSize) { i, lanes in
      sum.addProduct(load(gradient + i), load(output + i, lanes))
    }
    return horizontalSum(sum)
  }

  /// One query: scores → mask∘P, and the gradients of P → those of S.
  private func differentiate(
    _ query: Int, _ place: Int, _ index: Int, _ logarithm: Float, _ projected: Float,
    _ dropout: Dropout?, _ scratch: AttentionScratch
  ) {
    let line = scratch.scores + query * paddedTokens
    let gradients = scratch.scoreGradients + query * paddedTokens
    if let dropout {
      dropout.fill(scratch.mask, count: tokens, row: key, line: index * tokens + place)
      forEachVector(tokens) { i, lanes in
        let mask = load(scratch.mask + i)
        var probability = exponential(load(line + i) - logarithm)
        if lanes < laneCount { probability.replace(with: 0, where: laneIndices .>= Int32(lanes)) }
        store((load(gradients + i) * mask - projected) * probability, gradients + i)
        store(probability * mask, line + i)
      }
    } else {
      forEachVector(tokens) { i, lanes in
        var probability = exponential(load(line + i) - logarithm)
        if lanes < laneCount { probability.replace(with: 0, where: laneIndices .>= Int32(lanes)) }
        store((load(gradients + i) - projected) * probability, gradients + i)
        store(probability, line + i)
      }
    }
  }

  /// dV += P'ᵀ·dO and dK += dSᵀ·Q over a block of queries.
  private func sumKeysAndValues(_ block: Int, _ count: Int, _ scratch: AttentionScratch) {
    let paddedRows = roundUp(tokens, tileRows)
    smallProduct(
      TileOperand(pointer: scratch.scores, rowStride: 1, stepStride: paddedTokens),
      scratch.outputGradients + block * paddedSize, bStride: paddedSize, scratch.valueGradients,
      cStride: paddedSize, rows: paddedRows, columns: paddedSize, depth: count, accumulate: true)
    smallProduct(
      TileOperand(pointer: scratch.scoreGradients, rowStride: 1, stepStride: paddedTokens),
      scratch.queries + block * paddedSize, bStride: paddedSize, scratch.keyGradients,
      cStride: paddedSize, rows: paddedRows, columns: paddedSize, depth: count, accumulate: true)
  }
}
