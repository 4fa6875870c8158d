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
    if case .window = pass.inputs.extent { clearSums() }
    for block in stride(from: 0, to: head.queryLines.count, by: queryBlock) {
      backward(block, gradients)
    }
    // The packed queries carry the factor 1/√d already, and log₂ e.
    unpack(scratch.keyGradients, .keys, scale: naturalLogarithmOfTwo, gradients)
    unpack(scratch.valueGradients, .values, scale: 1, gradients)
  }

  /// No block of queries reaches all keys.
  private func clearSums() {
    let count = paddedTokens * paddedSize
    scratch.keyGradients.update(repeating: 0, count: count)
    scratch.valueGradients.update(repeating: 0, count: count)
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
    let keys = pass.keys(head, block: block)
    let width = roundUp(keys.count, tileSize)
    scores(block, padded, keys)
    let blockGradients = scratch.outputGradients + block * paddedSize
    AMX.multiply(
      TileRows(pointer: blockGradients, stride: paddedSize),
      TilePairs(pointer: scratch.transposedValues + keys.first, stride: paddedTokens),
      into: PackedRows(scratch.scoreGradients, stride: width),
      ProductSize(rows: padded, columns: width, depth: paddedSize))
    mask.fill(head, block: block)
    let lines = head.lines(ofQueries: block..<block + count)
    pass.takeLogarithms(head, queries: block..<block + count)
    head.project(
      ofHeadSize(blockGradients), pass.results.output, lines, into: pass.terms.projected)
    let ofBlock = BlockQueries(first: block, count: count, padded: padded, keys: keys)
    for query in stride(from: 0, to: count, by: 2) {
      differentiate(query, ofBlock, gradients)
    }
    clearPairs(from: (count + 1) / 2, to: padded / 2, width: width)
    sum(
      scratch.outputGradientColumns, scratch.probabilityPairs, scratch.valueGradients, ofBlock)
    sum(scratch.queryColumns, scratch.gradientPairs, scratch.keyGradients, ofBlock)
    AMX.multiply(
      TileRows(pointer: scratch.blockRows, stride: width),
      TilePairs(pointer: scratch.keyPairs + keys.first / 2 * paddedSize, stride: paddedSize),
      into: ofHeadSize(scratch.block),
      ProductSize(rows: padded, columns: paddedSize, depth: width))
    head.unpack(
      ofHeadSize(scratch.block), scale: head.scale, into: gradients.qkv.queries, lines,
      sums: gradients.bias(.queries, head))
  }

  /// sums [d, n] += columns·pairs over a block of queries, of which the first begins the sum
  /// if it reaches all keys.
  private func sum(
    _ columns: UnsafePointer<BFloat16>, _ pairs: UnsafePointer<UInt32>,
    _ sums: UnsafeMutablePointer<Float>, _ block: BlockQueries
  ) {
    var isCleared = false
    if case .window = pass.inputs.extent { isCleared = true }
    AMX.multiply(
      TileRows(pointer: columns + block.first, stride: paddedQueries),
      TilePairs(pointer: pairs, stride: block.width),
      into: ofTokens(sums).from(column: block.keys.first),
      ProductSize(rows: paddedSize, columns: block.width, depth: block.padded),
      accumulate: isCleared || block.first > 0)
  }

  /// Earlier blocks may have left NaN there, and NaN times the 0 of the padding is NaN.
  private func clearPairs(from first: Int, to end: Int, width: Int) {
    let count = (end - first) * width
    (scratch.probabilityPairs + first * width).update(repeating: 0, count: count)
    (scratch.gradientPairs + first * width).update(repeating: 0, count: count)
  }

  /// Two queries of a block: scores and the gradients of P → P' in pairs, dS in rows and in pairs.
  private func differentiate(
    _ query: Int, _ block: BlockQueries, _ gradients: AttentionGradients
  ) {
    let (width, place) = (block.width, block.first + query)
    let distances = (
      pass.distances(head, query: place, block.keys, gradients),
      pass.distances(head, query: place + 1, block.keys, gradients)
    )
    let upper = line(of: query, block)
    // Beside an odd last query there is none: its halves of the pairs are 0.
    let lower = query + 1 < block.count ? line(of: query + 1, block) : nil
    let rows = scratch.blockRows + query * width
    let pairs = query / 2 * width
    for i in stride(from: 0, to: width, by: laneCount) {
      let first = upper.differentiate(at: i)
      let second = lower?.differentiate(at: i) ?? (probability: Lanes(), gradient: Lanes())
      add(first.gradient, toDistances: distances.0, at: i)
      if lower != nil { add(second.gradient, toDistances: distances.1, at: i) }
      let (upperGradient, lowerGradient) = (
        vector_bfloat16(first.gradient), vector_bfloat16(second.gradient)
      )
      storeBits(upperGradient, rows + i)
      storeBits(lowerGradient, rows + width + i)
      storePairs(upperGradient, lowerGradient, scratch.gradientPairs + pairs + i)
      storePairs(
        vector_bfloat16(first.probability), vector_bfloat16(second.probability),
        scratch.probabilityPairs + pairs + i)
    }
  }

  /// The query `query` of the block.
  private func line(of query: Int, _ block: BlockQueries) -> QueryLine {
    QueryLine(
      scores: UnsafePointer(scratch.scores + query * block.width),
      gradients: UnsafePointer(scratch.scoreGradients + query * block.width),
      kept: mask.line(query, head), scale: mask.scale, tokens: block.keys.count,
      logarithm: pass.terms.logarithms[query], projected: pass.terms.projected[query])
  }
}

/// A block of queries and the keys that they attend to.
private struct BlockQueries {
  /// The first one's number in the row.
  let first: Int
  let count: Int
  /// Of their lines, in whole tiles.
  let padded: Int
  let keys: KeySpan

  /// Keys in whole tiles.
  var width: Int { roundUp(keys.count, tileSize) }
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
