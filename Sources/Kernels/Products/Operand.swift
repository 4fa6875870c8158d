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
}

/// c = a·bᵀ: `a [m, k]`, `b [n, k]`, `c [m, n]`, in the precision of `a`.
public func multiply(_ a: Operand, transposed b: MixedPrecisionMatrix, into c: Matrix<Float>) {
  switch (a, b.operand) {
  case (.float32(let a), _): multiply(a, transposed: b.values, into: c)
  case (.bfloat16(let a), .bfloat16(let b)): multiply(a, transposed: b, into: c)
  case (.bfloat16, .float32): unlikeOperands()
  }
}

/// c = a·b, or c += a·b: `a [m, k]`, `b [k, n]`, `c [m, n]`, in the precision of `a`.
public func multiply(
  _ a: Operand, _ b: MixedPrecisionMatrix, into c: Matrix<Float>, accumulate: Bool = false
) {
  switch (a, b.operand) {
  case (.float32(let a), _): multiply(a, b.values, into: c, accumulate: accumulate)
  case (.bfloat16(let a), .bfloat16(let b)): multiply(a, b, into: c, accumulate: accumulate)
  case (.bfloat16, .float32): unlikeOperands()
  }
}

/// In what precision a layer's products with operands of `precision` can best be kept for other
/// products: rounded on matrix tiles, if they are rounded block by block, else
/// in single precision.
public func keptPrecision(ofProductsIn precision: ProductPrecision) -> ProductPrecision {
  precision == .bfloat16 && AMXProduct.isAvailable ? .bfloat16 : .float32
}

/// c = a·bᵀ: `a [m, k]`, `b [n, k]`, `c [m, n]` in `keptPrecision(ofProductsIn:)` that of `a`.
public func multiply(_ a: Operand, transposed b: MixedPrecisionMatrix, into c: Operand) {
  switch (a, b.operand, c) {
  case (_, _, .float32(let c)): multiply(a, transposed: b, into: c)
  case (.bfloat16(let a), .bfloat16(let b), .bfloat16(let c)): multiply(a, transposed: b, into: c)
  default: unlikeOperands()
  }
}

/// c = a·b: `a [m, k]`, `b [k, n]`, `c [m, n]` in `keptPrecision(ofProductsIn:)` that of `a`.
public func multiply(_ a: Operand, _ b: MixedPrecisionMatrix, into c: Operand) {
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
