// The backward pass of VectorAttention.swift; the formulas are those of Attention.swift.

import Memory

extension VectorAttention {
  func backward(_ gradients: AttentionGradients) {
    packInputs()
    transpose(scratch.values, scratch.transposedValues)
    head.pack(
      HeadLines(values: gradients.output, lines: head.queryLines),
      into: ofHeadSize(scratch.outputGradients),
      height: roundUp(head.queryLines.count, tileRows))
    clearSums()
    for block in stride(from: 0, to: head.queryLines.count, by: queryBlock) {
      backward(block, gradients)
    }
    // The packed queries carry the factor 1/√d already, and log₂ e.
    unpack(scratch.keyGradients, .keys, scale: naturalLogarithmOfTwo, gradients)
    unpack(scratch.valueGradients, .values, scale: 1, gradients)
  }

  /// dK and dV are summed over blocks of queries.
  private func clearSums() {
    let count = roundUp(head.tokens, tileRows) * paddedSize
    scratch.keyGradients.update(repeating: 0, count: count)
    scratch.valueGradients.update(repeating: 0, count: count)
  }

  private func unpack(
    _ sums: UnsafeMutablePointer<Float>, _ part: QKVPart, scale: Float,
    _ gradients: AttentionGradients
  ) {
    head.unpack(
      ofHeadSize(sums), scale: scale, into: gradients.qkv[part], head.lines,
      sums: gradients.bias(part, head))
  }

  private func backward(_ block: Int, _ gradients: AttentionGradients) {
    let count = head.queries(in: block)
    let padded = roundUp(count, tileRows)
    let blockGradients = scratch.outputGradients + block * paddedSize
    let keys = pass.keys(head, block: block)
    let width = roundUp(keys.count, laneCount)
    scores(block, padded, keys)
    smallProduct(
      TileOperand(pointer: blockGradients, rowStride: paddedSize, stepStride: 1),
      ofTokens(scratch.transposedValues).from(column: keys.first),
      into: PackedRows(scratch.scoreGradients, stride: width),
      ProductSize(rows: padded, columns: width, depth: head.size))
    mask.fill(head, block: block)
    let lines = head.lines(ofQueries: block..<block + count)
    pass.takeLogarithms(head, queries: block..<block + count)
    head.project(
      ofHeadSize(blockGradients), pass.results.output, lines, into: pass.terms.projected)
    for query in 0..<count {
      differentiate(
        query, keys, distances: pass.distances(head, query: block + query, keys, gradients))
    }
    sumKeysAndValues(block, count, keys)
    smallProduct(
      TileOperand(pointer: scratch.scoreGradients, rowStride: width, stepStride: 1),
      ofHeadSize(scratch.keys).from(row: keys.first), into: ofHeadSize(scratch.block),
      ProductSize(rows: padded, columns: paddedSize, depth: keys.count))
    head.unpack(
      ofHeadSize(scratch.block), scale: head.scale, into: gradients.qkv.queries, lines,
      sums: gradients.bias(.queries, head))
  }

  /// One query of the block: scores → mask∘P, and the gradients of P → those of S.
  /// - Parameter distances: where those of what distances add are summed; nil for nowhere.
  private func differentiate(
    _ query: Int, _ keys: KeySpan, distances: UnsafeMutablePointer<Float>?
  ) {
    let width = roundUp(keys.count, laneCount)
    let line = scratch.scores + query * width
    let gradients = scratch.scoreGradients + query * width
    let (logarithm, projected) = (pass.terms.logarithms[query], pass.terms.projected[query])
    let (kept, scale) = (mask.line(query, head), mask.scale)
    forEachVector(keys.count) { i, lanes in
      var probability = powerOfTwo(load(line + i) - logarithm)
      if lanes < laneCount { probability.clear(from: lanes) }
      let gradient = kept.keep(load(gradients + i) * scale, at: i)
      let ofScores = (gradient - projected) * probability
      store(ofScores, gradients + i)
      add(ofScores, toDistances: distances, at: i)
      store(kept.keep(probability * scale, at: i), line + i)
    }
  }

  /// dV += P'ᵀ·dO and dK += dSᵀ·Q over a block of queries.
  private func sumKeysAndValues(_ block: Int, _ count: Int, _ keys: KeySpan) {
    let width = roundUp(keys.count, laneCount)
    let size = ProductSize(
      rows: roundUp(keys.count, tileRows), columns: paddedSize, depth: count)
    smallProduct(
      TileOperand(pointer: scratch.scores, rowStride: 1, stepStride: width),
      ofHeadSize(scratch.outputGradients).from(row: block),
      into: ofHeadSize(scratch.valueGradients).from(row: keys.first), size, accumulate: true)
    smallProduct(
      TileOperand(pointer: scratch.scoreGradients, rowStride: 1, stepStride: width),
      ofHeadSize(scratch.queries).from(row: block),
      into: ofHeadSize(scratch.keyGradients).from(row: keys.first), size, accumulate: true)
  }
}
