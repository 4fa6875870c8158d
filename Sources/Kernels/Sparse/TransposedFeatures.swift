// The features of a step's rows seen from the features: which rows have each, in the order
// of the rows.

import Memory

/// The touched features of some rows, ascending, and the rows and values of each.
public struct TransposedFeatures {
  /// The features that some row has, ascending `[n]`.
  public let features: [Int32]
  /// Where each feature begins in `rows` and `values`, and the end of the last `[n + 1]`.
  let offsets: [Int]
  let rows: Vector<Int32>
  let values: Vector<Float>
  let rowCount: Int

  /// n, the number of touched features.
  public var count: Int { features.count }

  /// Those of `matrix` `[B, F]`. A feature's rows are in their own order, so that sums over them do
  /// not depend on who makes them.
  public init(_ matrix: SparseMatrix) {
    let timer = KernelTimer(.sparseProduct)
    defer { timer.stop() }
    var entries: [UInt64] = []
    entries.reserveCapacity(matrix.valueCount)
    for row in 0..<matrix.rows {
      for place in matrix.range(row) {
        let feature = UInt64(UInt32(bitPattern: matrix.columns.pointer[place]))
        entries.append(feature << 32 | UInt64(place))
      }
    }
    entries.sort()
    let places = RowsOfPlaces(matrix)
    rows = Vector(zeros: entries.count)
    values = Vector(zeros: entries.count)
    rowCount = matrix.rows
    var (features, offsets) = ([Int32](), [Int]())
    for (index, entry) in entries.enumerated() {
      let feature = Int32(truncatingIfNeeded: entry >> 32)
      if features.last != feature {
        features.append(feature)
        offsets.append(index)
      }
      let place = Int(entry & 0xFFFF_FFFF)
      rows.pointer[index] = places.row(ofPlace: place)
      values.pointer[index] = matrix.values.pointer[place]
    }
    self.features = features
    self.offsets = offsets + [entries.count]
  }

  /// Σ_b features[b, f] · gradients[b] of the touched feature at `place`.
  @inline(__always)
  func gradient(_ place: Int, _ gradients: Matrix<Float>) -> BlockSums {
    precondition(gradients.rows == rowCount)
    let (start, end) = (offsets[place], offsets[place + 1])
    var sums = BlockSums()
    sums.add(
      count: end - start, rows.pointer + start, values.pointer + start, rowsOf: gradients)
    return sums
  }
}

/// In which row each value of a sparse matrix stands.
private struct RowsOfPlaces {
  private let first: Int
  private var rows: [Int32] = []

  init(_ matrix: SparseMatrix) {
    first = Int(matrix.offsets[0])
    rows.reserveCapacity(matrix.valueCount)
    for row in 0..<matrix.rows {
      rows.append(contentsOf: repeatElement(Int32(row), count: matrix.range(row).count))
    }
  }

  func row(ofPlace place: Int) -> Int32 { rows[place - first] }
}
