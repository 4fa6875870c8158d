import Foundation
import Kernels

/// Attention inside each row, whole matrices of scores at a time. If `isRounded`, what products
/// read is rounded to bfloat16.
struct ScalarAttention {
  let rows: RaggedRows
  let shape: AttentionShape
  let dropout: Dropout?
  let isRounded: Bool
  var extent = ScalarExtent.all
  /// `[T, 3H]` with the bias added.
  let qkv: ScalarMatrix

  init(
    _ qkv: [Double], _ bias: [Double], _ rows: RaggedRows, _ shape: AttentionShape,
    _ dropout: Dropout?, isRounded: Bool = false
  ) {
    let width = 3 * shape.hiddenSize
    let sum = qkv.enumerated().map { $0.element + bias[$0.offset % width] }
    self.qkv = ScalarMatrix(sum, rows.tokenCount, width)
    self.rows = rows
    self.shape = shape
    self.dropout = dropout
    self.isRounded = isRounded
  }

  /// Queries (0, divided by √d), keys (1) or values (2) of one row and head. `[n, d]`
  private func part(_ part: Int, _ row: Int, _ head: Int) -> ScalarMatrix {
    let values = slice(qkv, row, part * shape.hiddenSize + head * shape.headSize)
    // Scores are computed for powers of two, so that queries are rounded with the factor log₂ e.
    return part == 0
      ? operand(values.scaled(by: scale / log(2))).scaled(by: log(2)) : operand(values)
  }

  private var scale: Double { 1 / Double(shape.headSize).squareRoot() }

  /// A matrix as products read it.
  private func operand(_ matrix: ScalarMatrix) -> ScalarMatrix {
    guard isRounded else { return matrix }
    let values = matrix.values.map { Double(BFloat16(Float($0)).float) }
    return ScalarMatrix(values, matrix.rows, matrix.columns)
  }

  private func slice(_ matrix: ScalarMatrix, _ row: Int, _ column: Int) -> ScalarMatrix {
    let span = rows.offsets[row]..<rows.offsets[row + 1]
    let values = span.flatMap { token in
      (0..<shape.headSize).map { matrix[token, column + $0] }
    }
    return ScalarMatrix(values, span.count, shape.headSize)
  }

  private func put(_ part: ScalarMatrix, _ row: Int, _ column: Int, _ target: inout ScalarMatrix) {
    for i in 0..<part.rows {
      for j in 0..<part.columns { target[rows.offsets[row] + i, column + j] = part[i, j] }
    }
  }

  /// Probabilities, their masks and the logarithms to base 2 of the denominators of one
  /// row and head.
  private func probabilities(
    _ row: Int, _ head: Int
  ) -> (probabilities: ScalarMatrix, mask: ScalarMatrix, logarithms: [Double]) {
    var scores = part(0, row, head) * part(1, row, head).transposed
    let count = scores.rows
    var logarithms: [Double] = []
    for i in 0..<count {
      let line = (0..<count).map { scores[i, $0] + extent.added(head: head, query: i, key: $0) }
      let largest = line.max() ?? 0
      let sum = line.reduce(0) { $0 + exp($1 - largest) }
      logarithms.append((largest + log(sum)) / log(2))
      for j in 0..<count { scores[i, j] = exp(line[j] - largest) / sum }
    }
    let mask = (0..<count).flatMap { query in
      dropout.map {
        extent.mask($0, key: rows.keys[row], head: head, query: query, tokens: count)
      } ?? Array(repeating: 1, count: count)
    }
    return (scores, ScalarMatrix(mask, count, count), logarithms)
  }

  /// `[T, H]`, and the logarithms `[T, A]`.
  func forward() -> (output: ScalarMatrix, logSumExp: ScalarMatrix) {
    var output = ScalarMatrix(zeros: rows.tokenCount, shape.hiddenSize)
    var logSumExp = ScalarMatrix(zeros: rows.tokenCount, shape.heads)
    for row in 0..<rows.count {
      for head in 0..<shape.heads {
        let (p, mask, logarithms) = probabilities(row, head)
        let dropped = roundedAsExponentials(p).multiplied(by: mask)
        put(dropped * part(2, row, head), row, head * shape.headSize, &output)
        for (i, value) in logarithms.enumerated() { logSumExp[rows.offsets[row] + i, head] = value }
      }
    }
    return (output, logSumExp)
  }

  /// The forward pass divides by the denominator last: what it rounds is relative to
  /// the largest probability.
  private func roundedAsExponentials(_ probabilities: ScalarMatrix) -> ScalarMatrix {
    let (rows, columns) = (probabilities.rows, probabilities.columns)
    let largest = (0..<rows).map { row in (0..<columns).map { probabilities[row, $0] }.max() ?? 1 }
    var result = probabilities
    for row in 0..<rows {
      for column in 0..<columns { result[row, column] /= largest[row] }
    }
    result = operand(result)
    for row in 0..<rows {
      for column in 0..<columns { result[row, column] *= largest[row] }
    }
    return result
  }

  /// The gradient of the qkv, by the chain rule on whole matrices, softmax's Jacobian
  /// written out.
  func backward(_ upstream: ScalarMatrix) -> ScalarMatrix {
    var result = ScalarMatrix(zeros: rows.tokenCount, 3 * shape.hiddenSize)
    for row in 0..<rows.count {
      for head in 0..<shape.heads {
        let column = head * shape.headSize
        let (p, mask, _) = probabilities(row, head)
        let gradient = operand(slice(upstream, row, column))
        let dropped = operand(p.multiplied(by: mask))
        let ofDropped = gradient * part(2, row, head).transposed
        let ofOutput = roundedAsExponentials(p).multiplied(by: mask)
        let scores = operand(scoreGradient(p, mask, ofOutput, ofDropped))
        put((scores * part(1, row, head)).scaled(by: scale), row, column, &result)
        put(scores.transposed * part(0, row, head), row, shape.hiddenSize + column, &result)
        put(dropped.transposed * gradient, row, 2 * shape.hiddenSize + column, &result)
      }
    }
    return result
  }

  /// The gradients of what distances add, by head and distance: distance 0 stands at the longest
  /// row's length, and `places` are of each head.
  func distanceGradients(_ upstream: ScalarMatrix, center: Int, places: Int) -> [Double] {
    var result = Array(repeating: 0.0, count: places * shape.heads)
    for row in 0..<rows.count {
      for head in 0..<shape.heads {
        let (p, mask, _) = probabilities(row, head)
        let gradient = operand(slice(upstream, row, head * shape.headSize))
        let scores = scoreGradient(
          p, mask, roundedAsExponentials(p).multiplied(by: mask),
          gradient * part(2, row, head).transposed)
        for i in 0..<p.rows {
          for j in 0..<p.rows { result[head * places + center + j - i] += scores[i, j] }
        }
      }
    }
    return result
  }

  /// `ofDropped` are the gradients of mask∘P. What each query's sum loses is dO·O, where O was
  /// made of `dropped`.
  private func scoreGradient(
    _ p: ScalarMatrix, _ mask: ScalarMatrix, _ dropped: ScalarMatrix, _ ofDropped: ScalarMatrix
  ) -> ScalarMatrix {
    var result = p
    for i in 0..<p.rows {
      let qkv = (0..<p.columns).reduce(0) { $0 + dropped[i, $1] * ofDropped[i, $1] }
      for j in 0..<p.columns {
        result[i, j] = p[i, j] * (mask[i, j] * ofDropped[i, j] - qkv)
      }
    }
    return result
  }
}
