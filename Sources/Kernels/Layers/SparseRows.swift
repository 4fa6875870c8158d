// The gradient of a table of which a step touches few rows, as a word embedding's. H is the row
// length, n the number of touched rows.

import Memory

/// Touched rows of a table: their numbers, and their values.
public struct SparseRows {
  /// Row numbers, ascending, each once. `[n]`
  public let ids: Vector<Int32>
  /// The rows' values. `[n, H]`, rows end to end.
  public let values: Matrix<Float>

  /// Rows `ids`, ascending, with their values `[n, H]`, end to end.
  package init(ids: Vector<Int32>, values: Matrix<Float>) {
    self.ids = ids
    self.values = values
  }

  /// No rows.
  package static var none: SparseRows {
    SparseRows(ids: Vector(zeros: 0), values: Matrix(zeros: 0, 0))
  }

  /// The number of touched rows.
  public var count: Int { ids.count }

  /// The rows whose numbers lie in `range`.
  package func rows(in range: Range<Int>) -> SparseRows {
    let bounds = position(of: range.lowerBound)..<position(of: range.upperBound)
    return SparseRows(ids: ids[bounds], values: values.rows(bounds))
  }

  /// The number of touched rows below `row`.
  private func position(of row: Int) -> Int {
    var (low, high) = (0, ids.count)
    while low < high {
      let middle = (low + high) / 2
      if Int(ids.pointer[middle]) < row { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Writes the rows into the table whose row 0 begins at `offset` of `table`. Other rows stay.
  public func scatter(into table: Vector<Float>, at offset: Int = 0) {
    forEachRow(of: table, at: offset) { $0.update(from: $1, count: values.columns) }
  }

  /// Sets the rows' values in the table to zero: undoes `scatter` into a zero table.
  public func clear(in table: Vector<Float>, at offset: Int = 0) {
    forEachRow(of: table, at: offset) { row, _ in
      row.update(repeating: 0, count: values.columns)
    }
  }

  private func forEachRow(
    of table: Vector<Float>, at offset: Int,
    _ body: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) {
    guard count > 0 else { return }
    let end = offset + (Int(ids[count - 1]) + 1) * values.columns
    precondition(offset >= 0 && ids[0] >= 0 && end <= table.count, "rows outside of the table")
    for index in 0..<count {
      body(
        table.pointer + offset + Int(ids.pointer[index]) * values.columns,
        values.pointer + index * values.columns)
    }
  }
}

/// Memory for touched rows, used again every step. Address space is taken for the worst case, but
/// only pages that were written are resident.
public final class SparseRowsBuffer {
  package let ids: Vector<Int32>
  package let values: Matrix<Float>
  package var count = 0

  /// Room for `rows` rows of `columns` values.
  public init(rows: Int, columns: Int) {
    ids = Vector(zeros: rows)
    values = Matrix(zeros: rows, columns)
  }

  /// What was put in last.
  public var rows: SparseRows {
    SparseRows(ids: ids[0..<count], values: values.rows(0..<count))
  }

  /// Puts in the gradient of a table from which row `tokens[t]` was read at place t, where
  /// `gradients` `[T, H]` is the gradient of what was read. A row's summands are added in the
  /// order of t. Tokens must be valid row numbers.
  public func collect(tokens: Vector<Int32>, gradients: Matrix<Float>) {
    let timer = KernelTimer(.embedding)
    defer { timer.stop() }
    let columns = values.columns
    precondition(tokens.count == gradients.rows && columns == gradients.columns, "shapes differ")
    // Sorting number and place as one keeps equal rows in the order of their places.
    let order = (0..<tokens.count).map { UInt64(UInt32(bitPattern: tokens[$0])) << 32 | UInt64($0) }
      .sorted()
    count = 0
    for entry in order {
      let id = Int32(truncatingIfNeeded: entry >> 32)
      let source = gradients.pointer + Int(entry & 0xFFFF_FFFF) * gradients.stride
      if count > 0, ids.pointer[count - 1] == id {
        addValues(of: source, to: values.pointer + (count - 1) * columns, count: columns)
      } else {
        append(id, source)
      }
    }
  }

  /// Puts in the rows of `lower` and `upper`; a row in both is lower's values plus upper's.
  package func merge(_ lower: SparseRows, _ upper: SparseRows) {
    let timer = KernelTimer(.embedding)
    defer { timer.stop() }
    let columns = values.columns
    var (a, b) = (0, 0)
    count = 0
    while a < lower.count || b < upper.count {
      let fromLower = a < lower.count ? lower.ids.pointer[a] : Int32.max
      let fromUpper = b < upper.count ? upper.ids.pointer[b] : Int32.max
      let upperRow = upper.values.pointer + b * columns
      if fromLower <= fromUpper {
        append(fromLower, lower.values.pointer + a * columns)
        a += 1
      } else {
        append(fromUpper, upperRow)
      }
      if fromUpper <= fromLower {
        if fromUpper == fromLower {
          addValues(of: upperRow, to: values.pointer + (count - 1) * columns, count: columns)
        }
        b += 1
      }
    }
  }

  private func append(_ id: Int32, _ row: UnsafePointer<Float>) {
    precondition(id >= 0 && count < ids.count, "more rows than there is room for")
    ids.pointer[count] = id
    (values.pointer + count * values.columns).update(from: row, count: values.columns)
    count += 1
  }
}
