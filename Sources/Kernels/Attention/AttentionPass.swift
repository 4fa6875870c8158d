// What the two kinds of attention have in common: their operands, and how they go through them.

import CVector
import Memory

/// What a layer's attention reads and writes; shapes as in `attentionForward`.
struct AttentionPass {
  let projection: Matrix<Float>
  let bias: Vector<Float>
  let shape: AttentionShape
  let dropout: Dropout?
  let output: Matrix<Float>
  let logSumExp: Matrix<Float>

  func check(_ rows: RaggedRows, _ scratch: AttentionScratch) {
    precondition(projection.rows == rows.tokenCount && projection.columns == 3 * shape.hiddenSize)
    precondition(bias.count == projection.columns)
    precondition(output.rows == rows.tokenCount && output.columns == shape.hiddenSize)
    precondition(logSumExp.rows == rows.tokenCount && logSumExp.columns == shape.heads)
    precondition(rows.longest <= scratch.longestRow && shape.headSize <= scratch.headSize)
  }

  @inline(__always)
  func forEachHead(of rows: RaggedRows, _ body: (AttentionHead) -> Void) {
    for row in 0..<rows.count {
      let first = rows.offsets[row]
      for index in 0..<shape.heads {
        body(
          AttentionHead(
            first: first, tokens: rows.offsets[row + 1] - first, key: rows.keys[row],
            index: index, size: shape.headSize))
      }
    }
  }

  /// Where queries, keys and values of a head begin in the lines of the projection.
  func column(_ part: ProjectionPart, _ head: AttentionHead) -> Int {
    part.rawValue * shape.hiddenSize + head.column
  }

  /// Where the bias of a head's queries, keys or values begins.
  func bias(_ part: ProjectionPart, _ head: AttentionHead) -> UnsafePointer<Float> {
    UnsafePointer(bias.pointer + column(part, head))
  }

  /// Where the logarithm of a query's denominator is.
  func logarithm(_ head: AttentionHead, query: Int) -> UnsafeMutablePointer<Float> {
    logSumExp.pointer + (head.first + query) * logSumExp.stride + head.index
  }
}

/// Gradients of what a pass made, and of what it read.
struct AttentionGradients {
  /// `[T, H]`
  let output: Matrix<Float>
  /// `[T, 3H]`
  let projection: Matrix<Float>
}

/// Thirds of the projection.
enum ProjectionPart: Int {
  case queries, keys, values
}

/// One row of the batch and one head.
struct AttentionHead {
  /// The row's first token, and their number.
  let first: Int
  let tokens: Int
  /// The row's name in the random generator.
  let key: UInt32
  /// The head's number, and d.
  let index: Int
  let size: Int

  /// 1/√d.
  var scale: Float { 1 / Float(size).squareRoot() }

  /// Where the head begins in a line of the hidden size.
  var column: Int { index * size }

  /// Queries in the block that begins at `block`.
  func queries(in block: Int) -> Int { min(queryBlock, tokens - block) }

  /// The dropout mask of a query's attention to each key.
  @inline(__always)
  func fill(_ mask: UnsafeMutablePointer<Float>, _ dropout: Dropout, query: Int) {
    dropout.fill(mask, count: tokens, row: key, line: index * tokens + query)
  }

  /// line = exp(line − max) for the row's keys; the rest of the last vector of 16 becomes 0.
  func exponentiate(_ line: UnsafeMutablePointer<Float>) -> (largest: Float, sum: Float) {
    var largest = Lanes(repeating: -.infinity)
    forEachVector(tokens) { i, lanes in
      largest = vector_max(largest, load(line + i, lanes, padding: -.infinity))
    }
    let maximum = vector_largest(largest)
    var sum = Lanes()
    forEachVector(tokens) { i, lanes in
      var value = exponential(load(line + i) - maximum)
      if lanes < laneCount { value.clear(from: lanes) }
      sum += value
      store(value, line + i)
    }
    return (maximum, horizontalSum(sum))
  }
}

/// Queries whose probabilities are in memory at one time.
let queryBlock = 64

extension Lanes {
  /// Lanes from `count` on become 0, whatever they held.
  @inline(__always)
  mutating func clear(from count: Int) {
    replace(with: 0, where: laneIndices .>= Int32(count))
  }
}

private let laneIndices = SIMD16<Int32>(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)

func roundUp(_ value: Int, _ multiple: Int) -> Int {
  (value + multiple - 1) / multiple * multiple
}
