import Kernels
import Memory

/// Rows of few values in double precision, as lists: what the tests of sparse kernels compare with.
struct ScalarSparse {
  /// The values of each row, columns ascending.
  var rows: [[(column: Int, value: Float)]]
  let columns: Int

  /// Random rows; every third has no value, the last has one in every column.
  init(rows count: Int, columns: Int, seed: Int) {
    var random = RandomValues(seed: seed)
    self.columns = columns
    rows = (0..<count).map { row in
      guard columns > 0, row % 3 != 1 else { return [] }
      let chosen =
        row == count - 1
        ? Array(0..<columns)
        : Set(random.integers(1 + columns / 4, below: columns)).sorted()
      return zip(chosen, random.normal(chosen.count)).map { ($0, $1) }
    }
  }

  /// Values of the longest row.
  var longest: Int { rows.map(\.count).max() ?? 0 }

  /// The columns that have a value in some row.
  var touched: [Int] { Set(rows.joined().map(\.column)).sorted() }

  /// The same as a kernel reads it: before the first row and behind the last one lie values that
  /// are no row's, each of which would turn a result into a NaN.
  var matrix: SparseMatrix {
    let stray = columns > 0 ? 3 : 0
    let padding = Array(repeating: (column: 0, value: sentinel), count: stray)
    let all = padding + rows.joined() + padding
    let offsets = rows.reduce(into: [stray]) { $0.append($0[$0.count - 1] + $1.count) }
    return SparseMatrix(
      offsets: Vector(offsets.map { Int64($0) }), columns: Vector(all.map { Int32($0.column) }),
      values: Vector(all.map(\.value)), columnCount: columns)
  }

  /// This matrix · dense `[columns, width]`.
  func product(_ dense: [Float], width: Int) -> [Double] {
    rows.flatMap { row in
      (0..<width).map { place in
        row.reduce(0) { $0 + Double($1.value) * Double(dense[$1.column * width + place]) }
      }
    }
  }

  /// This matrix, transposed, · dense `[rows, width]`.
  func transposedProduct(_ dense: [Float], width: Int) -> [Double] {
    var sums = [Double](repeating: 0, count: columns * width)
    for (index, row) in rows.enumerated() {
      for (column, value) in row {
        for place in 0..<width {
          sums[column * width + place] += Double(value) * Double(dense[index * width + place])
        }
      }
    }
    return sums
  }
}

extension SparseMatrix {
  /// The values row by row.
  var lists: [[(column: Int, value: Float)]] {
    (0..<rows).map { row in range(row).map { (Int(columns[$0]), values[$0]) } }
  }
}

/// Whether two lists of rows have the same columns and the same bits.
func haveSameBits(
  _ a: [[(column: Int, value: Float)]], _ b: [[(column: Int, value: Float)]]
) -> Bool {
  a.count == b.count
    && zip(a, b).allSatisfy {
      $0.map(\.column) == $1.map(\.column) && haveSameBits($0.map(\.value), $1.map(\.value))
    }
}
