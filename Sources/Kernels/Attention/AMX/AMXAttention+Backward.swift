// The backward pass of AMXAttention.swift; the formulas are those of Attention.swift. dK and dV are
// summed as dKᵀ = Qᵀ·dS and dVᵀ = dOᵀ·P', so that what is new for a block of queries, dS and P',
// are right operands, in pairs of queries: as they come, two lines at a time.

import CVector
import Memory

extension AMXAttention {
  func backward(_ gradients: AttentionGradients) {
    packInputs()
    head.pack(
      HeadLines(values: gradients.output, lines: head.queryLines),
      into: ofHeadSize(scratch.outputGradients), height: paddedQueries)
    transposeRows(
      scratch.values, rows: paddedTokens, columns: paddedSize, scratch.transposedValues)
    formPairs(scratch.keys, rows: paddedTokens, columns: paddedSize, scratch.keyPairs)
    formColumns(scratch.queries, scratch.queryColumns)
    formColumns(scratch.outputGradients, scratch.outputGradientColumns)
    for block in stride(from: 0, to: head.queryLines.count, by: queryBlock) {
      backward(block, gradients)
    }
    // The packed queries carry the factor 1/√d already, and log₂ e.
    unpack(scratch.keyGradients, .keys, scale: naturalLogarithmOfTwo, gradients)
    unpack(scratch.valueGradients, .values, scale: 1, gradients)
  }

  /// columns [d, queries] = linesᵀ of what there is of each query.
  private func formColumns(
    _ lines: UnsafePointer<BFloat16>, _ columns: UnsafeMutablePointer<BFloat16>
  ) {
    formPairs(lines, rows: paddedQueries, columns: paddedSize, scratch.pairs)
    transposePairs(scratch.pairs, rows: paddedQueries, columns: paddedSize, columns)
  }

  private func unpack(
    _ sums: UnsafePointer<Float>, _ part: QKVPart, scale: Float,
    _ gradients: AttentionGradients
  ) {
    transposeBlocks(sums, rows: paddedSize, columns: paddedTokens, scratch.lines)
    head.unpack(
      ofHeadSize(scratch.lines), scale: scale, into: gradients.qkv[part], head.lines,
      sums: gradients.bias(part, head))
  }

  private func backward(_ block: Int, _ gradients: AttentionGradients) {
    let count = head.queries(in: block)
    let padded = roundUp(count, tileSize)
    scores(block, padded)
    let blockGradients = scratch.outputGradients + block * paddedSize
    AMX.multiply(
      TileRows(pointer: blockGradients, stride: paddedSize),
      TilePairs(pointer: scratch.transposedValues, stride: paddedTokens),
      into: ofTokens(scratch.scoreGradients),
      ProductSize(rows: padded, columns: paddedTokens, depth: paddedSize))
    mask.fill(head, block: block)
    let lines = head.lines(ofQueries: block..<block + count)
    pass.takeLogarithms(head, queries: block..<block + count)
    head.project(
      ofHeadSize(blockGradients), pass.results.output, lines, into: pass.terms.projected)
    for query in stride(from: 0, to: count, by: 2) { differentiate(query, count) }
    clearPairs(from: (count + 1) / 2, to: padded / 2)
    sum(
      scratch.outputGradientColumns + block, scratch.probabilityPairs, scratch.valueGradients,
      block, padded)
    sum(scratch.queryColumns + block, scratch.gradientPairs, scratch.keyGradients, block, padded)
    AMX.multiply(
      TileRows(pointer: scratch.blockRows, stride: paddedTokens),
      TilePairs(pointer: scratch.keyPairs, stride: paddedSize), into: ofHeadSize(scratch.block),
      ProductSize(rows: padded, columns: paddedSize, depth: paddedTokens))
    head.unpack(
      ofHeadSize(scratch.block), scale: head.scale, into: gradients.qkv.queries, lines,
      sums: gradients.bias(.queries, head))
  }

  /// sums [d, n] += columns·pairs over a block of queries, of which the first begins the sum.
  private func sum(
    _ columns: UnsafePointer<BFloat16>, _ pairs: UnsafePointer<UInt32>,
    _ sums: UnsafeMutablePointer<Float>, _ block: Int, _ padded: Int
  ) {
    AMX.multiply(
      TileRows(pointer: columns, stride: paddedQueries),
      TilePairs(pointer: pairs, stride: paddedTokens), into: ofTokens(sums),
      ProductSize(rows: paddedSize, columns: paddedTokens, depth: padded),
      accumulate: block > 0)
  }

  /// Earlier blocks may have left NaN there, and NaN times the 0 of the padding is NaN.
  private func clearPairs(from first: Int, to end: Int) {
    let count = (end - first) * paddedTokens
    (scratch.probabilityPairs + first * paddedTokens).update(repeating: 0, count: count)
    (scratch.gradientPairs + first * paddedTokens).update(repeating: 0, count: count)
  }

  /// Two queries of a block: scores and the gradients of P → P' in pairs, dS in rows and in pairs.
  private func differentiate(_ query: Int, _ count: Int) {
    let upper = line(of: query)
    // Beside an odd last query there is none: its halves of the pairs are 0.
    let lower = query + 1 < count ? line(of: query + 1) : nil
    let rows = scratch.blockRows + query * paddedTokens
    let pairs = query / 2 * paddedTokens
    for i in stride(from: 0, to: paddedTokens, by: laneCount) {
      let first = upper.differentiate(at: i)
      let second = lower?.differentiate(at: i) ?? (probability: Lanes(), gradient: Lanes())
      let (upperGradient, lowerGradient) = (
        vector_bfloat16(first.gradient), vector_bfloat16(second.gradient)
      )
      storeBits(upperGradient, rows + i)
      storeBits(lowerGradient, rows + paddedTokens + i)
      storePairs(upperGradient, lowerGradient, scratch.gradientPairs + pairs + i)
      storePairs(
        vector_bfloat16(first.probability), vector_bfloat16(second.probability),
        scratch.probabilityPairs + pairs + i)
    }
  }

  /// The query `query` of the block.
  private func line(of query: Int) -> QueryLine {
    QueryLine(
      scores: UnsafePointer(scratch.scores + query * paddedTokens),
      gradients: UnsafePointer(scratch.scoreGradients + query * paddedTokens),
      kept: mask.line(query, head), scale: mask.scale, tokens: head.tokens,
      logarithm: pass.terms.logarithms[query], projected: pass.terms.projected[query])
  }
}

/// What the gradients of one query's scores are made of.
private struct QueryLine {
  let scores: UnsafePointer<Float>
  let gradients: UnsafePointer<Float>
  let kept: UnsafePointer<UInt16>
  /// What kept probabilities are multiplied by.
  let scale: Float
  let tokens: Int
  /// Of the denominator.
  let logarithm: Float
  /// D.
  let projected: Float

  /// mask∘P and dS of 16 keys; 0 behind the last key.
  @inline(__always)
  func differentiate(at key: Int) -> (probability: Lanes, gradient: Lanes) {
    var probability = powerOfTwo(load(scores + key) - logarithm)
    if key + laneCount > tokens { probability.clear(from: tokens - key) }
    let gradient = (kept.keep(load(gradients + key) * scale, at: key) - projected) * probability
    return (kept.keep(probability * scale, at: key), gradient)
  }
}
