// What the two kinds of attention have in common: their operands, and how they go through them.

import CVector
import Memory

/// What a layer's attention reads and writes.
struct AttentionPass {
  let inputs: AttentionInputs
  let results: AttentionResults
  let terms: QueryTerms

  func check(longestRow: Int, headSize: Int) {
    let (qkv, rows, shape) = (inputs.qkv, inputs.rows, inputs.shape)
    let (output, logSumExp) = (results.output, results.logSumExp)
    let queries = qkv.queries
    precondition(qkv.keys.rows == rows.tokenCount && queries.columns == shape.hiddenSize)
    precondition(queries.rows == (qkv.isOfFirstTokens ? rows.count : rows.tokenCount))
    precondition(inputs.bias.count == 3 * shape.hiddenSize)
    precondition(output.rows == queries.rows && output.columns == shape.hiddenSize)
    precondition(logSumExp.rows == queries.rows && logSumExp.columns == shape.heads)
    precondition(rows.longest <= longestRow && shape.headSize <= headSize)
    if case .relative(let positions) = inputs.extent {
      positions.check(heads: shape.heads, longestRow: rows.longest)
    }
  }

  @inline(__always)
  func forEachHead(_ body: (AttentionHead) -> Void) {
    let (qkv, rows, shape) = (inputs.qkv, inputs.rows, inputs.shape)
    for row in 0..<rows.count {
      let tokens = rows.offsets[row]..<rows.offsets[row + 1]
      precondition(!qkv.isOfFirstTokens || !tokens.isEmpty)
      let queries = qkv.isOfFirstTokens ? row..<row + 1 : tokens
      for index in 0..<shape.heads {
        body(
          AttentionHead(
            lines: tokens, queryLines: queries, key: rows.keys[row],
            index: index, size: shape.headSize, lineTokens: lineTokens(tokens.count)))
      }
    }
  }

  /// Where the bias of a head's queries, keys or values begins.
  func bias(_ part: QKVPart, _ head: AttentionHead) -> UnsafePointer<Float> {
    UnsafePointer(
      inputs.bias.pointer + part.rawValue * inputs.shape.hiddenSize + head.column)
  }

  /// Keeps the logarithms of the denominators of some queries of a head.
  func keepLogarithms(_ head: AttentionHead, queries: Range<Int>) {
    let first = logarithm(head, queries.lowerBound)
    let stride = results.logSumExp.stride
    for query in 0..<queries.count { first[query * stride] = terms.logarithms[query] }
  }

  /// Takes what `keepLogarithms` kept.
  func takeLogarithms(_ head: AttentionHead, queries: Range<Int>) {
    let first = logarithm(head, queries.lowerBound)
    let stride = results.logSumExp.stride
    for query in 0..<queries.count { terms.logarithms[query] = first[query * stride] }
  }

  private func logarithm(_ head: AttentionHead, _ query: Int) -> UnsafeMutablePointer<Float> {
    let logSumExp = results.logSumExp
    return logSumExp.pointer + (head.queryLines.lowerBound + query) * logSumExp.stride + head.index
  }
}

/// Thirds of a line of queries, keys and values, in the order of their biases.
enum QKVPart: Int {
  case queries, keys, values
}

extension AttentionQKV {
  subscript(part: QKVPart) -> Operand {
    switch part {
    case .queries: queries
    case .keys: keys
    case .values: values
    }
  }

  func hasShape(of other: AttentionQKV) -> Bool {
    isOfFirstTokens == other.isOfFirstTokens && queries.rows == other.queries.rows
      && keys.rows == other.keys.rows
      && queries.columns == other.queries.columns
  }
}

/// One row of the batch and one head.
struct AttentionHead {
  /// The row's lines among keys and values.
  let lines: Range<Int>
  /// Those of its first tokens, or of all, among queries and results.
  let queryLines: Range<Int>
  /// The row's name in the random generator.
  let key: UInt32
  /// The head's number, and d.
  let index: Int
  let size: Int
  /// Keys of a line of scores at most.
  let lineTokens: Int

  /// n, the row's tokens, each with a key and a value.
  var tokens: Int { lines.count }

  /// 1/√d, which turns products of queries and keys into scores.
  var scale: Float { 1 / Float(size).squareRoot() }

  /// The factor of packed queries: their products with keys are scores for powers of two in place
  /// of e, which are computed with fewer operations.
  var packedScale: Float { scale * log2e }

  /// Where the head begins in a line of the hidden size.
  var column: Int { index * size }

  /// Queries in the block that begins at `block`.
  func queries(in block: Int) -> Int { min(queryBlock, queryLines.count - block) }

  /// Their lines.
  func lines(ofQueries queries: Range<Int>) -> Range<Int> {
    queryLines.lowerBound + queries.lowerBound..<queryLines.lowerBound + queries.upperBound
  }
}

/// Queries whose probabilities are in memory at one time.
let queryBlock = 64

func roundUp(_ value: Int, _ multiple: Int) -> Int {
  (value + multiple - 1) / multiple * multiple
}
