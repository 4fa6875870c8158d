// Matrix products of bfloat16 operands with sums in single precision: by matrix tiles, if the
// processor has them, else by oneDNN. The three forms are those of MatrixProduct.swift.

import Memory

/// c = a·bᵀ, or c += a·bᵀ: `a [m, k]`, `b [n, k]`, `c [m, n]`. A dense layer's forward product.
public func multiply(
  _ a: Matrix<BFloat16>, transposed b: Matrix<BFloat16>, into c: Matrix<Float>,
  accumulate: Bool = false
) {
  precondition(a.columns == b.columns && c.rows == a.rows && c.columns == b.rows)
  timed(.forwardProduct, c, depth: a.columns, accumulate) {
    if let product = AMXProduct(a, transposed: b) {
      product.store(c, accumulate: accumulate)
    } else {
      multiplyByOneDNN(.plain(a), .transposed(b), into: c, accumulate: accumulate)
    }
  }
}

/// c = a·b, or c += a·b: `a [m, k]`, `b [k, n]`, `c [m, n]`. The gradient of a layer's input.
public func multiply(
  _ a: Matrix<BFloat16>, _ b: Matrix<BFloat16>, into c: Matrix<Float>, accumulate: Bool = false
) {
  precondition(a.columns == b.rows && c.rows == a.rows && c.columns == b.columns)
  timed(.inputGradientProduct, c, depth: a.columns, accumulate) {
    if let product = AMXProduct(a, b) {
      product.store(c, accumulate: accumulate)
    } else {
      multiplyByOneDNN(.plain(a), .plain(b), into: c, accumulate: accumulate)
    }
  }
}

/// c = a·bᵀ, rounded: `a [m, k]`, `b [n, k]`, `c [m, n]`. Only if `AMXProduct.isAvailable`.
func multiply(
  _ a: Matrix<BFloat16>, transposed b: Matrix<BFloat16>, into c: Matrix<BFloat16>
) {
  precondition(a.columns == b.columns && c.rows == a.rows && c.columns == b.rows)
  let timer = KernelTimer(.forwardProduct)
  defer { timer.stop() }
  store(AMXProduct(a, transposed: b), c)
}

/// c = a·b, rounded: `a [m, k]`, `b [k, n]`, `c [m, n]`. Only if `AMXProduct.isAvailable`.
func multiply(_ a: Matrix<BFloat16>, _ b: Matrix<BFloat16>, into c: Matrix<BFloat16>) {
  precondition(a.columns == b.rows && c.rows == a.rows && c.columns == b.columns)
  let timer = KernelTimer(.inputGradientProduct)
  defer { timer.stop() }
  store(AMXProduct(a, b), c)
}

private func store(_ product: AMXProduct?, _ c: Matrix<BFloat16>) {
  guard let product else { preconditionFailure("rounded products are made by matrix tiles") }
  product.run(RoundingEpilogue(target: c))
}

/// c = aᵀ·b, or c += aᵀ·b: `a [k, m]`, `b [k, n]`, `c [m, n]`. The gradient of a layer's weights.
public func multiply(
  transposed a: Matrix<BFloat16>, _ b: Matrix<BFloat16>, into c: Matrix<Float>,
  accumulate: Bool = false
) {
  precondition(a.rows == b.rows && c.rows == a.columns && c.columns == b.columns)
  timed(.weightGradientProduct, c, depth: a.rows, accumulate) {
    if let product = AMXProduct(transposed: a, b) {
      product.store(c, accumulate: accumulate)
    } else {
      multiplyByOneDNN(.transposed(a), .plain(b), into: c, accumulate: accumulate)
    }
  }
}

/// Measures a product, and sees to those that have nothing to multiply.
private func timed(
  _ kind: KernelKind, _ c: Matrix<Float>, depth: Int, _ accumulate: Bool, _ multiply: () -> Void
) {
  guard c.rows > 0, c.columns > 0 else { return }
  let timer = KernelTimer(kind)
  defer { timer.stop() }
  guard depth == 0 else { return multiply() }
  if !accumulate { for row in 0..<c.rows { c.row(row).fill(0) } }
}
