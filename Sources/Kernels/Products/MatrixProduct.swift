// Matrix products of row-major float matrices, by OpenBLAS. Strided views are welcome: a product
// reads and writes parts of wider matrices in place.

import COpenBLAS
import Memory

#if HAVE_ONEDNN
  import COneDNN
#endif

/// Sets how many threads one product uses. One per rank is right while there is a rank per core:
/// on small products more threads are slower.
public func setMatrixProductThreads(_ count: Int) {
  openblas_set_num_threads(Int32(count))
  #if HAVE_ONEDNN
    onednn_set_threads(Int32(count))
  #endif
}

/// What OpenBLAS says of itself: version, options, the processor's kernel.
public func matrixProductLibrary() -> String {
  String(cString: openblas_get_config())
}

/// c = a·bᵀ, or c += a·bᵀ: `a [m, k]`, `b [n, k]`, `c [m, n]`. A dense layer's forward product.
public func multiply(
  _ a: Matrix<Float>, transposed b: Matrix<Float>, into c: Matrix<Float>, accumulate: Bool = false
) {
  precondition(a.columns == b.columns && c.rows == a.rows && c.columns == b.rows)
  product(a, CblasNoTrans, b, CblasTrans, c, depth: a.columns, accumulate)
}

/// c = a·b, or c += a·b: `a [m, k]`, `b [k, n]`, `c [m, n]`. The gradient of a layer's input.
public func multiply(
  _ a: Matrix<Float>, _ b: Matrix<Float>, into c: Matrix<Float>, accumulate: Bool = false
) {
  precondition(a.columns == b.rows && c.rows == a.rows && c.columns == b.columns)
  product(a, CblasNoTrans, b, CblasNoTrans, c, depth: a.columns, accumulate)
}

/// c = aᵀ·b, or c += aᵀ·b: `a [k, m]`, `b [k, n]`, `c [m, n]`. The gradient of a layer's weights.
public func multiply(
  transposed a: Matrix<Float>, _ b: Matrix<Float>, into c: Matrix<Float>, accumulate: Bool = false
) {
  precondition(a.rows == b.rows && c.rows == a.columns && c.columns == b.columns)
  product(a, CblasTrans, b, CblasNoTrans, c, depth: a.rows, accumulate)
}

private func product(
  _ a: Matrix<Float>, _ aForm: CBLAS_TRANSPOSE, _ b: Matrix<Float>, _ bForm: CBLAS_TRANSPOSE,
  _ c: Matrix<Float>, depth: Int, _ accumulate: Bool
) {
  guard c.rows > 0, c.columns > 0 else { return }
  let timer = KernelTimer(
    .product(aTransposed: aForm == CblasTrans, bTransposed: bForm == CblasTrans))
  defer { timer.stop() }
  cblas_sgemm(
    CblasRowMajor, aForm, bForm, blasint(c.rows), blasint(c.columns), blasint(depth),
    1, a.pointer, blasint(max(a.stride, 1)), b.pointer, blasint(max(b.stride, 1)),
    accumulate ? 1 : 0, c.pointer, blasint(max(c.stride, 1)))
}
