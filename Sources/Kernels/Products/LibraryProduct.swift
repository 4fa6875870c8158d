// Matrix products by the libraries: c = a·b, or c += a·b, for `a [m, k]`, `b [k, n]` and
// `c [m, n]`, none of them empty. What chooses among them: MatrixProduct.swift and
// MatrixProduct+BFloat16.swift, and benchmarks, which compare.

import COpenBLAS
import Memory

#if HAVE_ONEDNN
  import COneDNN
#endif

/// An operand of a product, which may lie in memory as its transpose.
package struct LibraryOperand<Value: BitwiseCopyable> {
  /// What lies in memory.
  let matrix: Matrix<Value>
  let isTransposed: Bool

  private init(_ matrix: Matrix<Value>, isTransposed: Bool) {
    self.matrix = matrix
    self.isTransposed = isTransposed
  }

  /// The matrix itself.
  package static func plain(_ matrix: Matrix<Value>) -> LibraryOperand {
    LibraryOperand(matrix, isTransposed: false)
  }

  /// The transpose of the matrix.
  package static func transposed(_ matrix: Matrix<Value>) -> LibraryOperand {
    LibraryOperand(matrix, isTransposed: true)
  }

  /// The operand's columns, which as those of a left one are the depth of the product.
  var columns: Int { isTransposed ? matrix.rows : matrix.columns }
}

/// In single precision by OpenBLAS.
package func multiplyByOpenBLAS(
  _ a: LibraryOperand<Float>, _ b: LibraryOperand<Float>, into c: Matrix<Float>,
  accumulate: Bool = false
) {
  cblas_sgemm(
    CblasRowMajor, a.isTransposed ? CblasTrans : CblasNoTrans,
    b.isTransposed ? CblasTrans : CblasNoTrans, blasint(c.rows), blasint(c.columns),
    blasint(a.columns), 1, a.matrix.pointer, blasint(a.matrix.stride), b.matrix.pointer,
    blasint(b.matrix.stride), accumulate ? 1 : 0, c.pointer, blasint(c.stride))
}

/// In single precision by oneDNN.
func multiplyByOneDNN(
  _ a: LibraryOperand<Float>, _ b: LibraryOperand<Float>, into c: Matrix<Float>,
  accumulate: Bool = false
) {
  #if HAVE_ONEDNN
    func operand(_ operand: LibraryOperand<Float>) -> onednn_single_operand {
      onednn_single_operand(
        values: operand.matrix.pointer, stride: Int64(operand.matrix.stride),
        transposed: operand.isTransposed)
    }
    let status = onednn_sgemm(
      operand(a), operand(b), c.pointer, Int64(c.stride), Int64(c.rows), Int64(c.columns),
      Int64(a.columns), accumulate)
    precondition(status == 0, "oneDNN failed in a matrix product, status \(status)")
  #else
    preconditionFailure("a build without oneDNN has none of its products")
  #endif
}

/// Of bfloat16 operands by oneDNN.
func multiplyByOneDNN(
  _ a: LibraryOperand<BFloat16>, _ b: LibraryOperand<BFloat16>, into c: Matrix<Float>,
  accumulate: Bool = false
) {
  #if HAVE_ONEDNN
    let status = onednn_product(
      oneDNNOperand(a), oneDNNOperand(b), c.pointer, Int64(c.stride), Int64(c.rows),
      Int64(c.columns), Int64(a.columns), accumulate)
    precondition(status == 0, "oneDNN failed in a matrix product, status \(status)")
  #else
    preconditionFailure("a build without oneDNN has no bfloat16 products")
  #endif
}

/// Likewise by a kernel that oneDNN makes for these sizes, which with matrix tiles is faster:
/// c = a·b.
package func multiplyByOneDNNForTheseSizes(
  _ a: LibraryOperand<BFloat16>, _ b: LibraryOperand<BFloat16>, into c: Matrix<Float>
) {
  #if HAVE_ONEDNN
    let status = onednn_product_of_stated_size(
      oneDNNOperand(a), oneDNNOperand(b), c.pointer, Int64(c.stride), Int64(c.rows),
      Int64(c.columns), Int64(a.columns))
    precondition(status == 0, "oneDNN failed in a matrix product, status \(status)")
  #else
    preconditionFailure("a build without oneDNN has no bfloat16 products")
  #endif
}

#if HAVE_ONEDNN
  private func oneDNNOperand(_ operand: LibraryOperand<BFloat16>) -> onednn_operand {
    onednn_operand(
      values: UnsafeRawPointer(operand.matrix.pointer).assumingMemoryBound(to: UInt16.self),
      stride: Int64(operand.matrix.stride), transposed: operand.isTransposed)
  }
#endif
