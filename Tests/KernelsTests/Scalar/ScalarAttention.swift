import Foundation
import Kernels

/// Attention inside each row, whole matrices of scores at a time.
struct ScalarAttention {
  let rows: RaggedRows
  let shape: AttentionShape
  let dropout: Dropout?
  /// `[T, 3H]` with the bias added.
  let projection: ScalarMatrix

  init(
    _ projection: [Double], _ bias: [Double], _ rows: RaggedRows, _ shape: AttentionShape,
    _ dropout: Dropout?
  ) {
    let width = 3 * shape.hiddenSize
    let sum = projection.enumerated().map { $0.element + bias[$0.offset % width] }
    self.projection = ScalarMatrix(sum, rows.tokenCount, width)
    self.rows = rows
    self.shape = shape
    self.dropout = dropout
  }

  /// Queries (0), keys (1) or values (2) of one row and head. `[n, d]`
  private func part(_ part: Int, _ row: Int, _ head: Int) -> ScalarMatrix {
    slice(projection, row, part * shape.hiddenSize + head * shape.headSize)
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

  /// Probabilities, their masks and the logarithms of the denominators of one row and head.
  private func probabilities(
    _ row: Int, _ head: Int
  ) -> (probabilities: ScalarMatrix, mask: ScalarMatrix, logarithms: [Double]) {
    var scores = part(0, row, head) * part(1, row, head).transposed
    let count = scores.rows
    var logarithms: [Double] = []
    for i in 0..<count {
      let line = (0..<count).map { scores[i, $0] / Double(shape.headSize).squareRoot() }
      let largest = line.max() ?? 0
      let sum = line.reduce(0) { $0 + exp($1 - largest) }
      logarithms.append(largest + log(sum))
      for j in 0..<count { scores[i, j] = exp(line[j] - largest) / sum }
    }
    let mask = (0..<count).flatMap { query in
      dropout.map {
        scalarMask($0, key: rows.keys[row], line: head * count + query, count: count)
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
        var (p, mask, logarithms) = probabilities(row, head)
        for i in p.values.indices { p.values[i] *= mask.values[i] }
        put(p * part(2, row, head), row, head * shape.headSize, &output)
        for (i, value) in logarithms.enumerated() { logSumExp[rows.offsets[row] + i, head] = value }
      }
    }
    return (output, logSumExp)
  }

  /// The gradient of the projection, by the chain rule on whole matrices, softmax's Jacobian
  /// written out.
  func backward(_ upstream: ScalarMatrix) -> ScalarMatrix {
    var result = ScalarMatrix(zeros: rows.tokenCount, 3 * shape.hiddenSize)
    for row in 0..<rows.count {
      for head in 0..<shape.heads {
        let column = head * shape.headSize
        let (p, mask, _) = probabilities(row, head)
        let gradient = slice(upstream, row, column)
        var dropped = p
        var probabilityGradient = gradient * part(2, row, head).transposed
        for i in p.values.indices {
          dropped.values[i] *= mask.values[i]
          probabilityGradient.values[i] *= mask.values[i]
        }
        let scores = scoreGradient(p, probabilityGradient)
        put(scores * part(1, row, head), row, column, &result)
        put(scores.transposed * part(0, row, head), row, shape.hiddenSize + column, &result)
        put(dropped.transposed * gradient, row, 2 * shape.hiddenSize + column, &result)
      }
    }
    return result
  }

  private func scoreGradient(_ p: ScalarMatrix, _ gradient: ScalarMatrix) -> ScalarMatrix {
    var result = p
    for i in 0..<p.rows {
      let projection = (0..<p.columns).reduce(0) { $0 + p[i, $1] * gradient[i, $1] }
      for j in 0..<p.columns {
        result[i, j] =
          p[i, j] * (gradient[i, j] - projection) / Double(shape.headSize).squareRoot()
      }
    }
    return result
  }
}
