import Memory

/// Some rows of a large matrix: the gradient of an embedding that few tokens touched.
public struct SparseRows {
  /// Row numbers in ascending order, each once. `[n]`
  public let ids: Vector<Int32>
  /// The rows' values. `[n, H]`
  public let values: Matrix<Float>

  /// Rows `ids`, ascending, with their values `[ids.count, H]`.
  public init(ids: Vector<Int32>, values: Matrix<Float>) {
    precondition(ids.count == values.rows)
    self.ids = ids
    self.values = values
  }
}
