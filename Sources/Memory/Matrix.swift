/// A row-major view `[rows, columns]` whose rows begin `stride` values apart.
public struct Matrix<Element: BitwiseCopyable> {
  package let owner: AnyObject
  package let pointer: UnsafeMutablePointer<Element>
  /// Number of rows.
  public let rows: Int
  /// Number of columns.
  public let columns: Int
  /// Values between the beginnings of two rows, at least `columns`.
  public let stride: Int

  package init(
    owner: AnyObject, pointer: UnsafeMutablePointer<Element>, rows: Int, columns: Int, stride: Int
  ) {
    precondition(rows >= 0 && columns >= 0 && stride >= columns)
    self.owner = owner
    self.pointer = pointer
    self.rows = rows
    self.columns = columns
    self.stride = stride
  }

  /// New memory `[rows, columns]` whose bits are all zero.
  public init(zeros rows: Int, _ columns: Int) {
    self = Vector<Element>(zeros: rows * columns).matrix(rows, columns)
  }

  /// New memory holding a copy of `values`, row after row.
  public init(_ values: [Element], rows: Int, columns: Int) {
    self = Vector(values).matrix(rows, columns)
  }

  /// The value at `row`, `column`, checked.
  public subscript(row: Int, column: Int) -> Element {
    get {
      precondition(row >= 0 && row < rows && column >= 0 && column < columns)
      return pointer[row * stride + column]
    }
    nonmutating set {
      precondition(row >= 0 && row < rows && column >= 0 && column < columns)
      pointer[row * stride + column] = newValue
    }
  }

  /// One row.
  public func row(_ index: Int) -> Vector<Element> {
    precondition(index >= 0 && index < rows, "row \(index) out of 0..<\(rows)")
    return Vector(owner: owner, pointer: pointer + index * stride, count: columns)
  }

  /// A view of some rows.
  public func rows(_ range: Range<Int>) -> Matrix {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows)
    return Matrix(
      owner: owner, pointer: pointer + range.lowerBound * stride, rows: range.count,
      columns: columns, stride: stride)
  }

  /// A view of some columns; the rows keep their stride.
  public func columns(_ range: Range<Int>) -> Matrix {
    precondition(range.lowerBound >= 0 && range.upperBound <= columns)
    return Matrix(
      owner: owner, pointer: pointer + range.lowerBound, rows: rows, columns: range.count,
      stride: stride)
  }

  /// All values as one vector. The rows must lie end to end.
  public var vector: Vector<Element> {
    precondition(stride == columns || rows <= 1, "the rows of a strided view do not lie end to end")
    return Vector(owner: owner, pointer: pointer, count: rows * columns)
  }

  /// The values, copied, row after row.
  public var array: [Element] {
    (0..<rows).flatMap { row($0).array }
  }
}

extension Vector {
  /// The same values seen as a matrix `[rows, columns]`.
  public func matrix(_ rows: Int, _ columns: Int) -> Matrix<Element> {
    precondition(rows * columns == count, "\(count) values are not \(rows) × \(columns)")
    return Matrix(owner: owner, pointer: pointer, rows: rows, columns: columns, stride: columns)
  }
}
