// The scalar twins: the plainest loops, in double precision, that say what a kernel computes.

/// A dense row-major matrix.
struct ScalarMatrix {
  let rows: Int
  let columns: Int
  var values: [Double]

  init(_ values: [Double], _ rows: Int, _ columns: Int) {
    precondition(values.count == rows * columns)
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  init(zeros rows: Int, _ columns: Int) {
    self.init([Double](repeating: 0, count: rows * columns), rows, columns)
  }

  init(_ values: [Float], _ rows: Int, _ columns: Int) {
    self.init(values.doubles, rows, columns)
  }

  subscript(row: Int, column: Int) -> Double {
    get { values[row * columns + column] }
    set { values[row * columns + column] = newValue }
  }

  var transposed: ScalarMatrix {
    var result = ScalarMatrix(zeros: columns, rows)
    for row in 0..<rows {
      for column in 0..<columns { result[column, row] = self[row, column] }
    }
    return result
  }

  var columnSums: [Double] {
    (0..<columns).map { column in (0..<rows).reduce(0) { $0 + self[$1, column] } }
  }

  func scaled(by factor: Double) -> ScalarMatrix {
    ScalarMatrix(values.map { $0 * factor }, rows, columns)
  }

  /// Element by element.
  func multiplied(by other: ScalarMatrix) -> ScalarMatrix {
    ScalarMatrix(zip(values, other.values).map { $0 * $1 }, rows, columns)
  }

  static func * (a: ScalarMatrix, b: ScalarMatrix) -> ScalarMatrix {
    precondition(a.columns == b.rows)
    var result = ScalarMatrix(zeros: a.rows, b.columns)
    for row in 0..<a.rows {
      for step in 0..<a.columns {
        for column in 0..<b.columns { result[row, column] += a[row, step] * b[step, column] }
      }
    }
    return result
  }
}
