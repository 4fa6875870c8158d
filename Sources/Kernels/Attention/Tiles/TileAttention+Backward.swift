// The backward pass of TileAttention.swift; the formulas are those of Attention.swift. dK and dV are summed
// as dKᵀ = Qᵀ·dS and dVᵀ = dOᵀ·P', so that what is new for a block of queries, dS and P', are right
// operands, in pairs of queries: as they come, two lines at a time.

import CVector
import Memory

extension TileAttention {
  func backward(_ gradients: AttentionGradients) {
    packInputs()
    head.pack(
      gradients.output, head.queryLines, into: scratch.outputGradients, width: paddedSize,
      height: paddedQueries)
    transposeRows(
      scratch.values, rows: paddedTokens, columns: paddedSize, scratch.transposedValues)
    formPairs(scratch.keys, rows: paddedTokens, columns: paddedSize, scratch.keyPairs)
    formColumns(scratch.queries, scratch.queryColumns)
    formColumns(scratch.outputGradients, scratch.outputGradientColumns)
    for block in stride(from: 0, to: head.queryLines.count, by: queryBlock) {
      backward(block, gradients)
    }
    // The packed queries carry the factor 1/√d already.
    unpack(scratch.keyGradients, .keys, gradients)
    unpack(scratch.valueGradients, .values, gradients)
  }

  /// columns [d, queries] = linesᵀ of what there is of each query.
  private func formColumns(
    _ lines: UnsafePointer<BFloat16>, _ columns: UnsafeMutablePointer<BFloat16>
  ) {
    formPairs(lines, rows: paddedQueries, columns: paddedSize, scratch.pairs)
    transposePairs(scratch.pairs, rows: paddedQueries, columns: paddedSize, columns)
  }

  private func unpack(
    _ sums: UnsafePointer<Float>, _ part: ProjectionPart, _ gradients: AttentionGradients
  ) {
    transposeBlocks(sums, rows: paddedSize, columns: paddedTokens, scratch.lines)
    head.unpack(
      scratch.lines, stride: paddedSize, into: gradients.projection[part], head.lines,
      sums: gradients.bias(part, head))
  }

  private func backward(_ block: Int, _ gradients: AttentionGradients) {
    let count = head.queries(in: block)
    let padded = roundUp(count, tileSize)
    scores(block, padded)
    MatrixTiles.multiply(
      TileRows(pointer: scratch.outputGradients + block * paddedSize, stride: paddedSize),
      TilePairs(pointer: scratch.transposedValues, stride: paddedTokens), scratch.scoreGradients,
      stride: paddedTokens, rows: padded, columns: paddedTokens, depth: paddedSize)
    mask.fill(head, block: block)
    for query in stride(from: 0, to: count, by: 2) { differentiate(query, block, count) }
    clearPairs(from: (count + 1) / 2, to: padded / 2)
    sum(
      scratch.outputGradientColumns + block, scratch.probabilityPairs, scratch.valueGradients,
      block, padded)
    sum(scratch.queryColumns + block, scratch.gradientPairs, scratch.keyGradients, block, padded)
    MatrixTiles.multiply(
      TileRows(pointer: scratch.blockRows, stride: paddedTokens),
      TilePairs(pointer: scratch.keyPairs, stride: paddedSize), scratch.block,
      stride: paddedSize, rows: padded, columns: paddedSize, depth: paddedTokens)
    head.unpack(
      scratch.block, stride: paddedSize, scale: head.scale, into: gradients.projection.queries,
      head.lines(ofQueries: block..<block + count), sums: gradients.bias(.queries, head))
  }

  /// sums [d, n] += columns·pairs over a block of queries, of which the first begins the sum.
  private func sum(
    _ columns: UnsafePointer<BFloat16>, _ pairs: UnsafePointer<UInt32>,
    _ sums: UnsafeMutablePointer<Float>, _ block: Int, _ padded: Int
  ) {
    MatrixTiles.multiply(
      TileRows(pointer: columns, stride: paddedQueries),
      TilePairs(pointer: pairs, stride: paddedTokens), sums, stride: paddedTokens,
      rows: paddedSize, columns: paddedTokens, depth: padded, accumulate: block > 0)
  }

  /// Earlier blocks may have left NaN there, and NaN times the 0 of the padding is NaN.
  private func clearPairs(from first: Int, to end: Int) {
    let count = (end - first) * paddedTokens
    (scratch.probabilityPairs + first * paddedTokens).update(repeating: 0, count: count)
    (scratch.gradientPairs + first * paddedTokens).update(repeating: 0, count: count)
  }

  /// Two queries of a block: scores and the gradients of P → P' in pairs, dS in rows and in pairs.
  private func differentiate(_ query: Int, _ block: Int, _ count: Int) {
    let upper = terms(of: query, block)
    // Beside an odd last query there is none: its halves of the pairs are 0.
    let lower = query + 1 < count ? terms(of: query + 1, block) : nil
    let rows = scratch.blockRows + query * paddedTokens
    let pairs = query / 2 * paddedTokens
    for i in stride(from: 0, to: paddedTokens, by: laneCount) {
      let first = upper.terms(at: i)
      let second = lower?.terms(at: i) ?? (probability: BFloat16Lanes(), gradient: BFloat16Lanes())
      storeBits(first.gradient, rows + i)
      storeBits(second.gradient, rows + paddedTokens + i)
      storePairs(first.probability, second.probability, scratch.probabilityPairs + pairs + i)
      storePairs(first.gradient, second.gradient, scratch.gradientPairs + pairs + i)
    }
  }

  /// The query `query` of the block that begins at `block`.
  private func terms(of query: Int, _ block: Int) -> QueryTerms {
    let place = block + query
    return QueryTerms(
      scores: UnsafePointer(scratch.scores + query * paddedTokens),
      gradients: UnsafePointer(scratch.scoreGradients + query * paddedTokens),
      kept: mask.line(query, head), scale: mask.scale, tokens: head.tokens,
      logarithm: pass.logarithm(head, query: place).pointee,
      projected: head.product(
        UnsafePointer(scratch.outputGradients + place * paddedSize), pass.output,
        line: head.queryLines.lowerBound + place))
  }
}

/// What the gradients of one query's scores are made of.
private struct QueryTerms {
  let scores: UnsafePointer<Float>
  let gradients: UnsafePointer<Float>
  let kept: UnsafePointer<UInt16>
  /// What kept probabilities are multiplied by.
  let scale: Float
  let tokens: Int
  let logarithm: Float
  /// D.
  let projected: Float

  /// mask∘P and dS of 16 keys, rounded; 0 behind the last key.
  @inline(__always)
  func terms(at key: Int) -> (probability: BFloat16Lanes, gradient: BFloat16Lanes) {
    var probability = exponential(load(scores + key) - logarithm)
    if key + laneCount > tokens { probability.clear(from: tokens - key) }
    let gradient = (kept.keep(load(gradients + key) * scale, at: key) - projected) * probability
    return (
      vector_bfloat16(kept.keep(probability * scale, at: key)), vector_bfloat16(gradient)
    )
  }
}
