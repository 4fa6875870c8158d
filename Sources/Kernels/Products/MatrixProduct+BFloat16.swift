// Matrix products of bfloat16 operands with sums and results in single precision, by oneDNN. The
// three forms are those of MatrixProduct.swift.

import Memory

#if HAVE_ONEDNN
  import COneDNN
#endif

/// c = a·bᵀ, or c += a·bᵀ: `a [m, k]`, `b [n, k]`, `c [m, n]`. A dense layer's forward product.
public func multiply(
  _ a: Matrix<BFloat16>, transposed b: Matrix<BFloat16>, into c: Matrix<Float>,
  accumulate: Bool = false
) {
  precondition(a.columns == b.columns && c.rows == a.rows && c.columns == b.rows)
  product(a, false, b, true, c, depth: a.columns, accumulate)
}

/// c = a·b, or c += a·b: `a [m, k]`, `b [k, n]`, `c [m, n]`. The gradient of a layer's input.
public func multiply(
  _ a: Matrix<BFloat16>, _ b: Matrix<BFloat16>, into c: Matrix<Float>, accumulate: Bool = false
) {
  precondition(a.columns == b.rows && c.rows == a.rows && c.columns == b.columns)
  product(a, false, b, false, c, depth: a.columns, accumulate)
}

/// c = aᵀ·b, or c += aᵀ·b: `a [k, m]`, `b [k, n]`, `c [m, n]`. The gradient of a layer's weights.
public func multiply(
  transposed a: Matrix<BFloat16>, _ b: Matrix<BFloat16>, into c: Matrix<Float>,
  accumulate: Bool = false
) {
  precondition(a.rows == b.rows && c.rows == a.columns && c.columns == b.columns)
  product(a, true, b, false, c, depth: a.rows, accumulate)
}

private func product(
  _ a: Matrix<BFloat16>, _ isATransposed: Bool, _ b: Matrix<BFloat16>, _ isBTransposed: Bool,
  _ c: Matrix<Float>, depth: Int, _ accumulate: Bool
) {
  guard c.rows > 0, c.columns > 0 else { return }
  let timer = KernelTimer(.product(aTransposed: isATransposed, bTransposed: isBTransposed))
  defer { timer.stop() }
  guard depth > 0 else {
    if !accumulate { for row in 0..<c.rows { c.row(row).fill(0) } }
    return
  }
  #if HAVE_ONEDNN
    func operand(_ matrix: Matrix<BFloat16>, _ isTransposed: Bool) -> onednn_operand {
      onednn_operand(
        values: UnsafeRawPointer(matrix.pointer).assumingMemoryBound(to: UInt16.self),
        stride: Int64(matrix.stride), transposed: isTransposed)
    }
    let status = onednn_product(
      operand(a, isATransposed), operand(b, isBTransposed), c.pointer, Int64(c.stride),
      Int64(c.rows), Int64(c.columns), Int64(depth), accumulate)
    precondition(status == 0, "oneDNN failed in a matrix product, status \(status)")
  #else
    preconditionFailure("a build without oneDNN has no bfloat16 products")
  #endif
}
