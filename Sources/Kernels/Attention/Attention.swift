// Attention inside each row of a ragged batch, forward. For every row and head:
//   S = Q·Kᵀ/√d,  P = softmax(S),  O = (mask∘P)·V.
// Nothing larger than a block of queries × the row's length is ever built; kept for the backward
// pass (Attention+Backward.swift) are O and the logarithm of each query's softmax denominator.
//
// T tokens, H hidden size, A heads, d = H/A head size, n tokens of one row.

import CVector
import Foundation
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

/// output = attention of queries, keys and values, row by row.
/// - Parameters:
///   - projection: `[T, 3H]`, the products for queries, keys and values side by side, no bias yet.
///   - bias: `[3H]`
///   - dropout: of the probabilities, nil for none.
///   - output: `[T, H]`
///   - logSumExp: `[T, A]`, log Σⱼ exp(Sᵢⱼ) of each query and head, for the backward pass.
public func attentionForward(
  projection: Matrix<Float>, bias: Vector<Float>, rows: RaggedRows, shape: AttentionShape,
  dropout: Dropout?, output: Matrix<Float>, logSumExp: Matrix<Float>, scratch: AttentionScratch
) {
  let timer = KernelTimer(.attentionForward)
  defer { timer.stop() }
  precondition(bias.count == projection.columns)
  checkShapes(projection, output, logSumExp, rows, shape, scratch)
  for row in 0..<rows.count {
    let head = AttentionHead(
      first: rows.offsets[row], tokens: rows.offsets[row + 1] - rows.offsets[row],
      key: rows.keys[row], shape: shape)
    for index in 0..<shape.heads {
      head.packInputs(index, projection, bias, scratch)
      for block in stride(from: 0, to: head.tokens, by: queryBlock) {
        head.forwardBlock(index, block, dropout, output, logSumExp, scratch)
      }
    }
  }
}

/// What forward and backward have in common.
func checkShapes(
  _ projection: Matrix<Float>, _ output: Matrix<Float>, _ logSumExp: Matrix<Float>,
  _ rows: RaggedRows, _ shape: AttentionShape, _ scratch: AttentionScratch
) {
  precondition(projection.rows == rows.tokenCount && projection.columns == 3 * shape.hiddenSize)
  precondition(output.rows == rows.tokenCount && output.columns == shape.hiddenSize)
  precondition(logSumExp.rows == rows.tokenCount && logSumExp.columns == shape.heads)
  precondition(rows.longest <= scratch.longestRow && shape.headSize <= scratch.paddedSize)
}

/// Queries whose probabilities are in memory at one time.
let queryBlock = 64

/// How many tokens before its use a line is asked for.
let linesAhead = 12

/// One row of the batch, whose heads are worked on one after the other.
struct AttentionHead {
  let first: Int
  let tokens: Int
  let key: UInt32
  let shape: AttentionShape
  let headSize: Int
  /// Head size and tokens in whole vectors.
  let paddedSize: Int
  let paddedTokens: Int

  init(first: Int, tokens: Int, key: UInt32, shape: AttentionShape) {
    self.first = first
    self.tokens = tokens
    self.key = key
    self.shape = shape
    headSize = shape.headSize
    paddedSize = roundUp(shape.headSize, laneCount)
    paddedTokens = roundUp(tokens, laneCount)
  }

  /// Queries in the block that begins at `block`.
  func queries(in block: Int) -> Int { min(queryBlock, tokens - block) }

  /// Queries (scaled by 1/√d), keys and values of head `index`, with their biases.
  func packInputs(
    _ index: Int, _ projection: Matrix<Float>, _ bias: Vector<Float>, _ scratch: AttentionScratch
  ) {
    let column = index * headSize
    let hidden = shape.hiddenSize
    let scale = 1 / Float(headSize).squareRoot()
    pack(projection, bias, column, scale, scratch.queries)
    pack(projection, bias, hidden + column, 1, scratch.keys)
    pack(projection, bias, 2 * hidden + column, 1, scratch.values)
    transpose(scratch.keys, scratch.transposedKeys)
  }

  /// target[i, ·] = (source[first + i, column…] + bias[column…])·scale for the row's tokens, zero
  /// in the padding: whole vectors across, whole tiles down.
  func pack(
    _ source: Matrix<Float>, _ bias: Vector<Float>?, _ column: Int, _ scale: Float,
    _ target: UnsafeMutablePointer<Float>
  ) {
    for token in 0..<tokens {
      let line = source.pointer + (first + token) * source.stride + column
      let packed = target + token * paddedSize
      prefetch(line + linesAhead * source.stride)
      forEachVector(headSize) { i, lanes in
        var value = load(line + i, lanes)
        if let bias { value += load(bias.pointer + column + i, lanes) }
        store(value * scale, packed + i)
      }
    }
    let padding = roundUp(tokens, tileRows) - tokens
    (target + tokens * paddedSize).update(repeating: 0, count: padding * paddedSize)
  }

  /// The part of a head in a line that will be read soon: such parts lie far apart, where the
  /// processor does not foresee them.
  @inline(__always)
  func prefetch(_ line: UnsafePointer<Float>) {
    for size in stride(from: 0, to: headSize, by: laneCount) { prefetch_line(line + size) }
  }

  /// target [paddedSize, paddedTokens] = sourceᵀ of a packed operand, zero in the padding.
  func transpose(_ source: UnsafeMutablePointer<Float>, _ target: UnsafeMutablePointer<Float>) {
    let packed = roundUp(tokens, tileRows)
    (source + packed * paddedSize).update(repeating: 0, count: (paddedTokens - packed) * paddedSize)
    for size in stride(from: 0, to: paddedSize, by: laneCount) {
      for token in stride(from: 0, to: paddedTokens, by: laneCount) {
        transpose_16x16(
          source + token * paddedSize + size, paddedSize, target + size * paddedTokens + token,
          paddedTokens)
      }
    }
  }

  fileprivate func forwardBlock(
    _ index: Int, _ block: Int, _ dropout: Dropout?, _ output: Matrix<Float>,
    _ logSumExp: Matrix<Float>, _ scratch: AttentionScratch
  ) {
    let count = queries(in: block)
    let padded = roundUp(count, tileRows)
    scores(block, padded, scratch)
    for query in 0..<count {
      let line = scratch.scores + query * paddedTokens
      let (largest, sum) = exponentiate(line)
      let denominator = logSumExp.pointer + (first + block + query) * logSumExp.stride + index
      denominator.pointee = largest + logf(sum)
      normalize(line, 1 / sum, dropout, index, block + query, scratch)
    }
    smallProduct(
      TileOperand(pointer: scratch.scores, rowStride: paddedTokens, stepStride: 1),
      scratch.values, bStride: paddedSize, scratch.block, cStride: paddedSize, rows: padded,
      columns: paddedSize, depth: tokens)
    unpack(scratch.block, block, count, 1, output, index * headSize)
  }

  /// scores [padded, paddedTokens] = Q·Kᵀ of a block of queries.
  func scores(_ block: Int, _ padded: Int, _ scratch: AttentionScratch) {
    smallProduct(
      TileOperand(
        pointer: scratch.queries + block * paddedSize, rowStride: paddedSize, stepStride: 1),
      scratch.transposedKeys, bStride: paddedTokens, scratch.scores, cStride: paddedTokens,
      rows: padded, columns: paddedTokens, depth: headSize)
  }

  /// line = exp(line − max); the padding becomes 0.
  private func exponentiate(_ line: UnsafeMutablePointer<Float>) -> (largest: Float, sum: Float) {
    var largest = Lanes(repeating: -.infinity)
    forEachVector(tokens) { i, lanes in
      largest = vector_max(largest, load(line + i, lanes, padding: -.infinity))
    }
    let maximum = horizontalMax(largest)
    var sum = Lanes()
    forEachVector(tokens) { i, lanes in
      var value = exponential(load(line + i) - maximum)
      if lanes < laneCount { value.replace(with: 0, where: laneIndices .>= Int32(lanes)) }
      sum += value
      store(value, line + i)
    }
    return (maximum, horizontalSum(sum))
  }

  private func normalize(
    _ line: UnsafeMutablePointer<Float>, _ factor: Float, _ dropout: Dropout?, _ index: Int,
    _ query: Int, _ scratch: AttentionScratch
  ) {
    guard let dropout else {
      return forEachVector(paddedTokens) { i, _ in store(load(line + i) * factor, line + i) }
    }
    dropout.fill(scratch.mask, count: tokens, row: key, line: index * tokens + query)
    forEachVector(paddedTokens) { i, _ in
      store(load(line + i) * factor * load(scratch.mask + i), line + i)
    }
  }

  /// target[first + block + i, column…] = source[i, ·]·scale for `count` tokens.
  func unpack(
    _ source: UnsafePointer<Float>, _ block: Int, _ count: Int, _ scale: Float,
    _ target: Matrix<Float>, _ column: Int
  ) {
    for token in 0..<count {
      let line = target.pointer + (first + block + token) * target.stride + column
      let packed = source + token * paddedSize
      forEachVector(headSize) { i, lanes in store(load(packed + i) * scale, line + i, lanes) }
    }
  }
}

let laneIndices = SIMD16<Int32>(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)

func roundUp(_ value: Int, _ multiple: Int) -> Int {
  (value + multiple - 1) / multiple * multiple
}
