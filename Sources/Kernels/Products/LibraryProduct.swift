// Matrix products by the libraries: c = a·b, or c += a·b, for `a [m, k]`, `b [k, n]` and `c [m, n]`, none of them
// empty, where a matrix that is transposed lies in memory as its transpose. What chooses among them: MatrixProduct.swift and
// MatrixProduct+BFloat16.swift, and benchmarks, which compare.

import COpenBLAS
import Memory

#if HAVE_ONEDNN
  import COneDNN
#endif

/// In single precision by OpenBLAS.
package func multiplyByOpenBLAS(
  _ a: Matrix<Float>, transposed isATransposed: Bool, _ b: Matrix<Float>,
  transposed isBTransposed: Bool, into c: Matrix<Float>, accumulate: Bool = false
) {
  cblas_sgemm(
    CblasRowMajor, isATransposed ? CblasTrans : CblasNoTrans,
    isBTransposed ? CblasTrans : CblasNoTrans, blasint(c.rows), blasint(c.columns),
    blasint(isATransposed ? a.rows : a.columns), 1, a.pointer, blasint(a.stride),
    b.pointer, blasint(b.stride), accumulate ? 1 : 0, c.pointer, blasint(c.stride))
}

/// In single precision by oneDNN.
func multiplyByOneDNN(
  _ a: Matrix<Float>, transposed isATransposed: Bool, _ b: Matrix<Float>,
  transposed isBTransposed: Bool, into c: Matrix<Float>, accumulate: Bool = false
) {
  #if HAVE_ONEDNN
    func operand(_ matrix: Matrix<Float>, _ isTransposed: Bool) -> onednn_single_operand {
      onednn_single_operand(
        values: matrix.pointer, stride: Int64(matrix.stride), transposed: isTransposed)
    }
    let status = onednn_sgemm(
      operand(a, isATransposed), operand(b, isBTransposed), c.pointer, Int64(c.stride),
      Int64(c.rows), Int64(c.columns), Int64(isATransposed ? a.rows : a.columns), accumulate)
    precondition(status == 0, "oneDNN failed in a matrix product, status \(status)")
  #else
    preconditionFailure("a build without oneDNN has none of its products")
  #endif
}

/// Of bfloat16 operands by oneDNN.
func multiplyByOneDNN(
  _ a: Matrix<BFloat16>, transposed isATransposed: Bool, _ b: Matrix<BFloat16>,
  transposed isBTransposed: Bool, into c: Matrix<Float>, accumulate: Bool = false
) {
  #if HAVE_ONEDNN
    let status = onednn_product(
      oneDNNOperand(a, isATransposed), oneDNNOperand(b, isBTransposed), c.pointer, Int64(c.stride),
      Int64(c.rows), Int64(c.columns), Int64(isATransposed ? a.rows : a.columns), accumulate)
    precondition(status == 0, "oneDNN failed in a matrix product, status \(status)")
  #else
    preconditionFailure("a build without oneDNN has no bfloat16 products")
  #endif
}

/// Likewise by a kernel that oneDNN makes for these sizes, which with matrix tiles is faster: c = a·b.
package func multiplyByOneDNNForTheseSizes(
  _ a: Matrix<BFloat16>, transposed isATransposed: Bool, _ b: Matrix<BFloat16>,
  transposed isBTransposed: Bool, into c: Matrix<Float>
) {
  #if HAVE_ONEDNN
    let status = onednn_product_of_stated_size(
      oneDNNOperand(a, isATransposed), oneDNNOperand(b, isBTransposed), c.pointer, Int64(c.stride),
      Int64(c.rows), Int64(c.columns), Int64(isATransposed ? a.rows : a.columns))
    precondition(status == 0, "oneDNN failed in a matrix product, status \(status)")
  #else
    preconditionFailure("a build without oneDNN has no bfloat16 products")
  #endif
}

#if HAVE_ONEDNN
  private func oneDNNOperand(_ matrix: Matrix<BFloat16>, _ isTransposed: Bool) -> onednn_operand {
    onednn_operand(
      values: UnsafeRawPointer(matrix.pointer).assumingMemoryBound(to: UInt16.self),
      stride: Int64(matrix.stride), transposed: isTransposed)
  }
#endif
