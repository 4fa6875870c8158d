/// A symmetric, positive definite system of a few linear equations, A·x = b, in double precision.
package struct LinearSystem<let size: Int> {
  package typealias Row = InlineArray<size, Double>
  /// A, row by row.
  package var matrix: InlineArray<size, Row>
  /// b.
  package var right = Row(repeating: 0)

  /// `ridge` times the identity, and zeros.
  package init(ridge: Double) {
    matrix = InlineArray(repeating: Row(repeating: 0))
    for row in matrix.indices { matrix[row][row] = ridge }
  }

  /// Adds weight·v·vᵀ to A, and pull·v to b.
  mutating func add(_ v: Row, weight: Double, pull: Double) {
    for row in v.indices {
      for column in v.indices { matrix[row][column] += weight * v[row] * v[column] }
      right[row] += pull * v[row]
    }
  }

  /// x, by Cholesky's decomposition; nil where A is not positive definite.
  package func solution() -> Row? {
    var factor = matrix
    var x = right
    for row in x.indices {
      for column in 0...row {
        var value = factor[row][column]
        for k in 0..<column { value -= factor[row][k] * factor[column][k] }
        guard row == column else {
          factor[row][column] = value / factor[column][column]
          continue
        }
        guard value > 0, value.isFinite else { return nil }
        factor[row][row] = value.squareRoot()
      }
      for k in 0..<row { x[row] -= factor[row][k] * x[k] }
      x[row] /= factor[row][row]
    }
    for row in x.indices.reversed() {
      for k in row + 1..<size { x[row] -= factor[k][row] * x[k] }
      x[row] /= factor[row][row]
    }
    return x
  }
}
