// Attention of one row and head with products of operands rounded to bfloat16, forward. Sums,
// scores, softmax and results are in single precision.

import CVector
import Memory

/// Attention of one row and head from operands rounded to bfloat16.
struct AMXAttention {
  let head: AttentionHead
  let pass: AttentionPass
  let mask: AttentionMask
  let scratch: AMXAttentionScratch
  /// Head size, tokens and queries in whole tiles; operands are 0 in the padding, so sums need not
  /// leave it out.
  let paddedSize: Int
  let paddedTokens: Int
  let paddedQueries: Int

  init(
    _ head: AttentionHead, _ pass: AttentionPass, _ mask: AttentionMask,
    _ scratch: AMXAttentionScratch
  ) {
    self.mask = mask
    self.head = head
    self.pass = pass
    self.scratch = scratch
    paddedSize = roundUp(head.size, tileSize)
    paddedTokens = roundUp(head.tokens, tileSize)
    paddedQueries = roundUp(head.queryLines.count, tileSize)
  }

  func forward() {
    packInputs()
    formPairs(scratch.values, rows: paddedTokens, columns: paddedSize, scratch.valuePairs)
    for block in stride(from: 0, to: head.queryLines.count, by: queryBlock) { forward(block) }
  }

  private func forward(_ block: Int) {
    let count = head.queries(in: block)
    let padded = roundUp(count, tileSize)
    let keys = pass.keys(head, block: block)
    let width = roundUp(keys.count, tileSize)
    scores(block, padded, keys)
    mask.fill(head, block: block)
    let lines = SoftmaxLines(scores: scratch.scores, stride: width, tokens: keys.count)
    lines.findLargest(pass.terms, queries: count)
    for query in 0..<count {
      let (line, kept) = (scratch.blockRows + query * width, mask.line(query, head))
      // Half a tile behind the keys is not theirs to write; the values there are 0, but must
      // not meet NaN.
      storeBits(BFloat16Lanes(), line + width - laneCount)
      lines.exponentiate(query, pass.terms) { i, values in
        storeBits(vector_bfloat16(kept.keep(values, at: i)), line + i)
      }
    }
    pass.terms.finish(scale: mask.scale, queries: count)
    pass.keepLogarithms(head, queries: block..<block + count)
    AMX.multiply(
      TileRows(pointer: scratch.blockRows, stride: width),
      TilePairs(
        pointer: scratch.valuePairs + keys.first / 2 * paddedSize, stride: paddedSize),
      into: ofHeadSize(scratch.block),
      ProductSize(rows: padded, columns: paddedSize, depth: width))
    head.unpack(
      ofHeadSize(scratch.block), factors: pass.terms.factors, into: pass.results.output,
      head.lines(ofQueries: block..<block + count))
  }

  /// Rows of values of a head.
  func ofHeadSize<Value>(_ pointer: UnsafeMutablePointer<Value>) -> PackedRows<Value> {
    PackedRows(pointer, stride: paddedSize)
  }

  /// Rows of a value for each token.
  func ofTokens<Value>(_ pointer: UnsafeMutablePointer<Value>) -> PackedRows<Value> {
    PackedRows(pointer, stride: paddedTokens)
  }

  /// scores = Q·Kᵀ of a block of queries, lines of whole tiles, with what distances add.
  func scores(_ block: Int, _ padded: Int, _ keys: KeySpan) {
    let width = roundUp(keys.count, tileSize)
    let scores = PackedRows(scratch.scores, stride: width)
    AMX.multiply(
      TileRows(pointer: scratch.queries + block * paddedSize, stride: paddedSize),
      TilePairs(pointer: scratch.transposedKeys + keys.first, stride: paddedTokens),
      into: scores, ProductSize(rows: padded, columns: width, depth: paddedSize))
    pass.finish(scores, head, block: block, keys)
  }

  /// Queries (scaled), keys and values, with their biases.
  func packInputs() {
    pack(.queries, head.queryLines, scale: head.packedScale, scratch.queries)
    pack(.keys, head.lines, scale: 1, scratch.keys)
    pack(.values, head.lines, scale: 1, scratch.values)
    transposeRows(scratch.keys, rows: paddedTokens, columns: paddedSize, scratch.transposedKeys)
  }

  private func pack(
    _ part: QKVPart, _ lines: Range<Int>, scale: Float,
    _ target: UnsafeMutablePointer<BFloat16>
  ) {
    head.pack(
      HeadLines(
        values: pass.inputs.qkv[part], lines: lines, bias: pass.bias(part, head), scale: scale),
      into: ofHeadSize(target), height: roundUp(lines.count, tileSize))
  }
}
