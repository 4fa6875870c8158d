// Attention of one row and head in single precision, forward: products by register tiles
// (SmallProduct.swift) of operands packed into the cache.

import CVector
import Memory

/// Attention of one row and head in single precision.
struct VectorAttention {
  let head: AttentionHead
  let pass: AttentionPass
  let mask: AttentionMask
  let scratch: VectorScratch
  /// Head size and tokens in whole vectors.
  let paddedSize: Int
  let paddedTokens: Int

  init(
    _ head: AttentionHead, _ pass: AttentionPass, _ mask: AttentionMask, _ scratch: VectorScratch
  ) {
    self.mask = mask
    self.head = head
    self.pass = pass
    self.scratch = scratch
    paddedSize = roundUp(head.size, laneCount)
    paddedTokens = roundUp(head.tokens, laneCount)
  }

  func forward() {
    packInputs()
    for block in stride(from: 0, to: head.queryLines.count, by: queryBlock) { forward(block) }
  }

  private func forward(_ block: Int) {
    let count = head.queries(in: block)
    let padded = roundUp(count, tileRows)
    let keys = pass.keys(head, block: block)
    let width = roundUp(keys.count, laneCount)
    scores(block, padded, keys)
    mask.fill(head, block: block)
    let lines = SoftmaxLines(scores: scratch.scores, stride: width, tokens: keys.count)
    lines.findLargest(pass.terms, queries: count)
    for query in 0..<count {
      let (line, kept) = (scratch.scores + query * width, mask.line(query, head))
      lines.exponentiate(query, pass.terms) { i, values in
        store(kept.keep(values, at: i), line + i)
      }
    }
    pass.terms.finish(scale: mask.scale, queries: count)
    pass.keepLogarithms(head, queries: block..<block + count)
    smallProduct(
      TileOperand(pointer: scratch.scores, rowStride: width, stepStride: 1),
      ofHeadSize(scratch.values).from(row: keys.first), into: ofHeadSize(scratch.block),
      ProductSize(rows: padded, columns: paddedSize, depth: keys.count))
    head.unpack(
      ofHeadSize(scratch.block), factors: pass.terms.factors, into: pass.results.output,
      head.lines(ofQueries: block..<block + count))
  }

  /// Rows of values of a head.
  func ofHeadSize(_ pointer: UnsafeMutablePointer<Float>) -> PackedRows<Float> {
    PackedRows(pointer, stride: paddedSize)
  }

  /// Rows of a value for each token.
  func ofTokens(_ pointer: UnsafeMutablePointer<Float>) -> PackedRows<Float> {
    PackedRows(pointer, stride: paddedTokens)
  }

  /// scores = Q·Kᵀ of a block of queries, lines of whole vectors, with what distances add.
  func scores(_ block: Int, _ padded: Int, _ keys: KeySpan) {
    let width = roundUp(keys.count, laneCount)
    let scores = PackedRows(scratch.scores, stride: width)
    smallProduct(
      TileOperand(
        pointer: scratch.queries + block * paddedSize, rowStride: paddedSize, stepStride: 1),
      ofTokens(scratch.transposedKeys).from(column: keys.first), into: scores,
      ProductSize(rows: padded, columns: width, depth: head.size))
    pass.finish(scores, head, block: block, keys)
  }

  /// Queries (scaled), keys and values, with their biases.
  func packInputs() {
    pack(.queries, head.queryLines, scale: head.packedScale, scratch.queries)
    pack(.keys, head.lines, scale: 1, scratch.keys)
    pack(.values, head.lines, scale: 1, scratch.values)
    transpose(scratch.keys, scratch.transposedKeys)
  }

  private func pack(
    _ part: QKVPart, _ lines: Range<Int>, scale: Float,
    _ target: UnsafeMutablePointer<Float>
  ) {
    head.pack(
      HeadLines(
        values: pass.inputs.qkv[part], lines: lines, bias: pass.bias(part, head), scale: scale),
      into: ofHeadSize(target), height: roundUp(lines.count, tileRows))
  }

  /// target [paddedSize, paddedTokens] = sourceᵀ of a packed operand, zero in the padding.
  func transpose(_ source: UnsafeMutablePointer<Float>, _ target: UnsafeMutablePointer<Float>) {
    let packed = roundUp(head.tokens, tileRows)
    (source + packed * paddedSize).update(repeating: 0, count: (paddedTokens - packed) * paddedSize)
    transposeBlocks(source, rows: paddedTokens, columns: paddedSize, target)
  }
}
