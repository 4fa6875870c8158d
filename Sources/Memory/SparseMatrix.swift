/// Rows of few values in many columns: compressed sparse rows. B rows, F columns, n values.
public struct SparseMatrix {
  /// Where each row begins in `columns` and `values`, and the end of the last `[B + 1]`.
  public let offsets: Vector<Int64>
  /// The columns that have a value, ascending in each row `[n]`.
  public let columns: Vector<Int32>
  /// Their values `[n]`.
  public let values: Vector<Float>
  /// F.
  public let columnCount: Int

  /// A view of vectors whose offsets ascend and whose columns lie in 0 ..< `columnCount`.
  public init(
    offsets: Vector<Int64>, columns: Vector<Int32>, values: Vector<Float>, columnCount: Int
  ) {
    guard
      let matrix = SparseMatrix(
        untrusted: offsets, columns: columns, values: values, columnCount: columnCount)
    else { preconditionFailure("these vectors are no sparse matrix") }
    self = matrix
  }

  /// The same of vectors that come from a file; nil if they are not a sparse matrix.
  public init?(
    untrusted offsets: Vector<Int64>, columns: Vector<Int32>, values: Vector<Float>,
    columnCount: Int
  ) {
    guard offsets.count > 0, columns.count == values.count, offsets[0] >= 0,
      offsets[offsets.count - 1] <= columns.count
    else { return nil }
    for row in 0..<offsets.count - 1 where offsets.pointer[row] > offsets.pointer[row + 1] {
      return nil
    }
    for index in 0..<columns.count {
      guard columns.pointer[index] >= 0, columns.pointer[index] < columnCount else { return nil }
    }
    self.init(checked: offsets, columns: columns, values: values, columnCount: columnCount)
  }

  /// The rows of several parts, one part after another: how many values each row has, their columns
  /// and the values.
  public init(
    appending parts: [(counts: Vector<Int32>, columns: Vector<Int32>, values: Vector<Float>)],
    columnCount: Int
  ) {
    let rows = parts.reduce(0) { $0 + $1.counts.count }
    let total = parts.reduce(0) { $0 + $1.columns.count }
    let offsets = Vector<Int64>(zeros: rows + 1)
    let (columns, values) = (Vector<Int32>(zeros: total), Vector<Float>(zeros: total))
    var (row, start) = (0, 0)
    for part in parts {
      for index in 0..<part.counts.count {
        offsets[row + 1] = offsets[row] + Int64(part.counts[index])
        row += 1
      }
      columns[start..<start + part.columns.count].copy(from: part.columns)
      values[start..<start + part.values.count].copy(from: part.values)
      start += part.columns.count
    }
    self.init(offsets: offsets, columns: columns, values: values, columnCount: columnCount)
  }

  private init(
    checked offsets: Vector<Int64>, columns: Vector<Int32>, values: Vector<Float>, columnCount: Int
  ) {
    self.offsets = offsets
    self.columns = columns
    self.values = values
    self.columnCount = columnCount
  }

  /// B.
  public var rows: Int { offsets.count - 1 }
  /// Values of all rows.
  public var valueCount: Int { Int(offsets[rows] - offsets[0]) }

  /// Where a row's values stand.
  public func range(_ row: Int) -> Range<Int> { Int(offsets[row])..<Int(offsets[row + 1]) }

  /// A copy of which every value is multiplied by the factor of its column.
  /// - Parameter factors: `[columnCount]`
  public func scaled(byColumn factors: [Float]) -> SparseMatrix {
    precondition(factors.count == columnCount)
    let scaled = Vector<Float>(zeros: values.count)
    for index in 0..<values.count {
      scaled.pointer[index] = factors[Int(columns.pointer[index])] * values.pointer[index]
    }
    return SparseMatrix(
      checked: offsets, columns: columns, values: scaled, columnCount: columnCount)
  }

  /// The value at `row`, `column`; nil if there is none.
  public func value(row: Int, column: Int) -> Float? {
    let range = range(row)
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if Int(columns[middle]) < column { low = middle + 1 } else { high = middle }
    }
    return low < range.upperBound && Int(columns[low]) == column ? values[low] : nil
  }

  /// A copy of some rows, in the order given.
  public func rows(_ selected: [Int]) -> SparseMatrix {
    let ranges = selected.map(range)
    let count = ranges.reduce(0) { $0 + $1.count }
    let copy = SparseMatrix(
      checked: Vector(zeros: selected.count + 1), columns: Vector(zeros: count),
      values: Vector(zeros: count), columnCount: columnCount)
    var end = 0
    for (row, range) in ranges.enumerated() {
      copy.columns[end..<end + range.count].copy(from: columns[range])
      copy.values[end..<end + range.count].copy(from: values[range])
      end += range.count
      copy.offsets[row + 1] = Int64(end)
    }
    return copy
  }
}
