import Memory

/// A matrix that other kernels read or write in single precision, and what products read of it:
/// the matrix itself, or its values rounded to bfloat16.
public struct MixedPrecisionMatrix {
  /// In single precision.
  public let values: Matrix<Float>
  /// As `round()` last left it; if it is in single precision, `values`.
  public let operand: Operand

  /// With memory of its own for rounded values.
  public init(_ values: Matrix<Float>, _ precision: ProductPrecision) {
    self.values = values
    switch precision {
    case .float32: operand = .float32(values)
    case .bfloat16: operand = .bfloat16(Matrix(zeros: values.rows, values.columns))
    }
  }

  /// With memory of the workspace for rounded values.
  public init(_ values: Matrix<Float>, _ precision: ProductPrecision, in workspace: Workspace) {
    self.values = values
    switch precision {
    case .float32: operand = .float32(values)
    case .bfloat16: operand = Operand(precision, values.rows, values.columns, in: workspace)
    }
  }

  /// `[rows, columns]` of unknown content.
  public init(_ precision: ProductPrecision, _ rows: Int, _ columns: Int, in workspace: Workspace) {
    self.init(workspace.matrix(rows, columns), precision, in: workspace)
  }

  /// A view of some rows.
  public func rows(_ range: Range<Int>) -> MixedPrecisionMatrix {
    MixedPrecisionMatrix(values: values.rows(range), operand: operand.rows(range))
  }

  private init(values: Matrix<Float>, operand: Operand) {
    self.values = values
    self.operand = operand
  }

  /// In which products read it.
  public var precision: ProductPrecision {
    if case .bfloat16 = operand { .bfloat16 } else { .float32 }
  }

  /// Gives products the present values. To be called between writing the values and multiplying.
  public func round() {
    if case .bfloat16(let target) = operand { Kernels.round(values, into: target) }
  }

  /// Where a kernel that writes rows of values leaves them rounded, too; nil if products
  /// read the values.
  var rounded: Matrix<BFloat16>? {
    if case .bfloat16(let target) = operand { target } else { nil }
  }

  /// Floats of the rounded values.
  public var copySize: Int {
    rounded.map { Workspace.size(of: $0.rows * $0.columns, BFloat16.self) } ?? 0
  }

  /// Takes what the rounded values of a matrix `[rows, columns]` do.
  public static func reserveCopy(
    _ precision: ProductPrecision, _ rows: Int, _ columns: Int, in workspace: Workspace
  ) {
    if precision != .float32 { _ = Operand(precision, rows, columns, in: workspace) }
  }
}

/// Rounds every value as `BFloat16.init` does.
/// - Parameters:
///   - source: `[m, n]`
///   - target: `[m, n]`
public func round(_ source: Matrix<Float>, into target: Matrix<BFloat16>) {
  let timer = KernelTimer(.rounding)
  defer { timer.stop() }
  precondition(source.rows == target.rows && source.columns == target.columns)
  for row in 0..<source.rows {
    roundLine(
      source.pointer + row * source.stride, target.pointer + row * target.stride, source.columns)
  }
}
