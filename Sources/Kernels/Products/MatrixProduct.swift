// Matrix products of row-major float matrices: by oneDNN, if it is there and the processor has
// AVX-512, else by OpenBLAS. Strided views are welcome: a product reads and writes parts of wider
// matrices in place.

import COpenBLAS
import Memory

#if HAVE_ONEDNN
  import COneDNN
#endif

/// Sets how many threads one product uses. One per rank is right while there is a rank per core:
/// on small products more threads are slower, and matrix tiles are for one thread only.
public func setMatrixProductThreads(_ count: Int) {
  openblas_set_num_threads(Int32(count))
  #if HAVE_ONEDNN
    onednn_set_threads(Int32(count))
  #endif
}

/// Whether a product keeps to one thread.
var usesOneThread: Bool {
  #if HAVE_ONEDNN
    onednn_threads() == 1
  #else
    true
  #endif
}

/// What multiplies in single precision: oneDNN with its version, or OpenBLAS with version, options
/// and the processor's kernel.
public func matrixProductLibrary() -> String {
  #if HAVE_ONEDNN
    if usesOneDNNForFloat32 { return "oneDNN \(String(cString: onednn_version()))" }
  #endif
  return String(cString: openblas_get_config())
}

/// Whether oneDNN multiplies in single precision: with AVX-512 it is faster
/// than OpenBLAS. (docs/lab/performance.md)
let usesOneDNNForFloat32: Bool = {
  #if HAVE_ONEDNN
    onednn_sgemm_pays()
  #else
    false
  #endif
}()

/// c = a·bᵀ, or c += a·bᵀ: `a [m, k]`, `b [n, k]`, `c [m, n]`. A dense layer's forward product.
public func multiply(
  _ a: Matrix<Float>, transposed b: Matrix<Float>, into c: Matrix<Float>, accumulate: Bool = false
) {
  precondition(a.columns == b.columns && c.rows == a.rows && c.columns == b.rows)
  product(.plain(a), .transposed(b), into: c, accumulate: accumulate)
}

/// c = a·b, or c += a·b: `a [m, k]`, `b [k, n]`, `c [m, n]`. The gradient of a layer's input.
public func multiply(
  _ a: Matrix<Float>, _ b: Matrix<Float>, into c: Matrix<Float>, accumulate: Bool = false
) {
  precondition(a.columns == b.rows && c.rows == a.rows && c.columns == b.columns)
  product(.plain(a), .plain(b), into: c, accumulate: accumulate)
}

/// c = aᵀ·b, or c += aᵀ·b: `a [k, m]`, `b [k, n]`, `c [m, n]`. The gradient of a layer's weights.
public func multiply(
  transposed a: Matrix<Float>, _ b: Matrix<Float>, into c: Matrix<Float>, accumulate: Bool = false
) {
  precondition(a.rows == b.rows && c.rows == a.columns && c.columns == b.columns)
  product(.transposed(a), .plain(b), into: c, accumulate: accumulate)
}

private func product(
  _ a: LibraryOperand<Float>, _ b: LibraryOperand<Float>, into c: Matrix<Float>, accumulate: Bool
) {
  guard c.rows > 0, c.columns > 0 else { return }
  let timer = KernelTimer(.product(aTransposed: a.isTransposed, bTransposed: b.isTransposed))
  defer { timer.stop() }
  guard a.columns > 0 else {
    if !accumulate { for row in 0..<c.rows { c.row(row).fill(0) } }
    return
  }
  let multiply = usesOneDNNForFloat32 ? multiplyByOneDNN : multiplyByOpenBLAS
  multiply(a, b, c, accumulate)
}
