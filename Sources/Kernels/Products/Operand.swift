// What matrix products read, in the precision that they are to compute in: a model is written once,
// for either.

import Memory

/// A matrix as products read it.
public enum Operand {
  /// In single precision.
  case float32(Matrix<Float>)
  /// In bfloat16.
  case bfloat16(Matrix<BFloat16>)

  /// `[rows, columns]` of unknown content.
  public init(_ precision: ProductPrecision, _ rows: Int, _ columns: Int, in workspace: Workspace) {
    switch precision {
    case .float32: self = .float32(workspace.matrix(rows, columns))
    case .bfloat16: self = .bfloat16(workspace.matrix(rows, columns, of: BFloat16.self))
    }
  }

  /// Number of rows.
  public var rows: Int {
    switch self {
    case .float32(let matrix): matrix.rows
    case .bfloat16(let matrix): matrix.rows
    }
  }

  /// Number of columns.
  public var columns: Int {
    switch self {
    case .float32(let matrix): matrix.columns
    case .bfloat16(let matrix): matrix.columns
    }
  }

  /// A view of some columns.
  public func columns(_ range: Range<Int>) -> Operand {
    switch self {
    case .float32(let matrix): .float32(matrix.columns(range))
    case .bfloat16(let matrix): .bfloat16(matrix.columns(range))
    }
  }

  /// A view of some rows.
  public func rows(_ range: Range<Int>) -> Operand {
    switch self {
    case .float32(let matrix): .float32(matrix.rows(range))
    case .bfloat16(let matrix): .bfloat16(matrix.rows(range))
    }
  }

  /// Floats that the initializer takes from the workspace for `count` values.
  public static func size(_ precision: ProductPrecision, of count: Int) -> Int {
    switch precision {
    case .float32: Workspace.size(of: count)
    case .bfloat16: Workspace.size(of: count, BFloat16.self)
    }
  }
}

/// A matrix that other kernels read or write in single precision, and what products read of it:
/// the matrix itself, or its values rounded to bfloat16.
public struct RoundedMatrix {
  /// In single precision.
  public let values: Matrix<Float>
  /// As `round()` last left it; where it is in single precision, `values`.
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
  public func rows(_ range: Range<Int>) -> RoundedMatrix {
    RoundedMatrix(values: values.rows(range), operand: operand.rows(range))
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

  /// Where a kernel that writes rows of values leaves them rounded, too; nil where products read the values.
  var rounded: Matrix<BFloat16>? {
    if case .bfloat16(let target) = operand { target } else { nil }
  }

  /// Floats of the rounded values of `count` values.
  public static func copySize(_ precision: ProductPrecision, of count: Int) -> Int {
    precision == .float32 ? 0 : Operand.size(precision, of: count)
  }

  /// Floats of `count` values and of their rounded values.
  public static func size(_ precision: ProductPrecision, of count: Int) -> Int {
    Workspace.size(of: count) + copySize(precision, of: count)
  }
}

/// c = a·bᵀ: `a [m, k]`, `b [n, k]`, `c [m, n]`, in the precision of `a`.
public func multiply(_ a: Operand, transposed b: RoundedMatrix, into c: Matrix<Float>) {
  switch (a, b.operand) {
  case (.float32(let a), _): multiply(a, transposed: b.values, into: c)
  case (.bfloat16(let a), .bfloat16(let b)): multiply(a, transposed: b, into: c)
  case (.bfloat16, .float32): unlikeOperands()
  }
}

/// c = a·b, or c += a·b: `a [m, k]`, `b [k, n]`, `c [m, n]`, in the precision of `a`.
public func multiply(
  _ a: Operand, _ b: RoundedMatrix, into c: Matrix<Float>, accumulate: Bool = false
) {
  switch (a, b.operand) {
  case (.float32(let a), _): multiply(a, b.values, into: c, accumulate: accumulate)
  case (.bfloat16(let a), .bfloat16(let b)): multiply(a, b, into: c, accumulate: accumulate)
  case (.bfloat16, .float32): unlikeOperands()
  }
}

/// In what precision a layer's products with operands of `precision` can best be kept for other products: rounded
/// on matrix tiles, where they are rounded block by block, else in single precision.
public func keptPrecision(ofProductsIn precision: ProductPrecision) -> ProductPrecision {
  precision == .bfloat16 && TileProduct.isAvailable ? .bfloat16 : .float32
}

/// c = a·bᵀ: `a [m, k]`, `b [n, k]`, `c [m, n]` in `keptPrecision(ofProductsIn:)` that of `a`.
public func multiply(_ a: Operand, transposed b: RoundedMatrix, into c: Operand) {
  switch (a, b.operand, c) {
  case (_, _, .float32(let c)): multiply(a, transposed: b, into: c)
  case (.bfloat16(let a), .bfloat16(let b), .bfloat16(let c)): multiply(a, transposed: b, into: c)
  default: unlikeOperands()
  }
}

/// c = a·b: `a [m, k]`, `b [k, n]`, `c [m, n]` in `keptPrecision(ofProductsIn:)` that of `a`.
public func multiply(_ a: Operand, _ b: RoundedMatrix, into c: Operand) {
  switch (a, b.operand, c) {
  case (_, _, .float32(let c)): multiply(a, b, into: c)
  case (.bfloat16(let a), .bfloat16(let b), .bfloat16(let c)): multiply(a, b, into: c)
  default: unlikeOperands()
  }
}

/// c = aᵀ·b: `a [k, m]`, `b [k, n]`, `c [m, n]`, both of one precision.
public func multiply(transposed a: Operand, _ b: Operand, into c: Matrix<Float>) {
  switch (a, b) {
  case (.float32(let a), .float32(let b)): multiply(transposed: a, b, into: c)
  case (.bfloat16(let a), .bfloat16(let b)): multiply(transposed: a, b, into: c)
  case (.bfloat16, .float32), (.float32, .bfloat16): unlikeOperands()
  }
}

func unlikeOperands() -> Never {
  preconditionFailure("operands of unlike precision")
}
