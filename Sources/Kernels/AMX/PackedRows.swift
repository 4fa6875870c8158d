// What products of packed operands have in common, by matrix tiles and by vectors alike.

/// Rows of values in packed memory: an operand, or a result.
package struct PackedRows<Value> {
  let pointer: UnsafeMutablePointer<Value>
  /// Values from a row to the next.
  let stride: Int

  package init(_ pointer: UnsafeMutablePointer<Value>, stride: Int) {
    self.pointer = pointer
    self.stride = stride
  }

  /// The rows from that one on.
  @inline(__always)
  func from(row: Int) -> PackedRows { PackedRows(pointer + row * stride, stride: stride) }

  /// The columns from that one on.
  @inline(__always)
  func from(column: Int) -> PackedRows { PackedRows(pointer + column, stride: stride) }
}

/// The size of a product `[rows, depth]·[depth, columns]`.
package struct ProductSize {
  let rows: Int
  let columns: Int
  /// The length of the sums.
  let depth: Int

  package init(rows: Int, columns: Int, depth: Int) {
    self.rows = rows
    self.columns = columns
    self.depth = depth
  }
}
