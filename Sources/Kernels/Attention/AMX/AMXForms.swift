// The forms in which tiles read a matrix X [n, d] of bfloat16, one row a token:
//   rows                [n, d]     left operand of X·…
//   transposed rows     [d/2, n]   right operand of …·Xᵀ: pairs of a token's values
//   pairs               [n/2, d]   right operand of …·X: pairs of values of two tokens
//   columns             [d, n]     left operand of Xᵀ·…: the transposed pairs
// Transposing is done on 32 bits, two values at a time. All sizes are multiples of 32.

import CVector
import Memory

/// target [n/2, d] = the pairs of source [n, d].
package func formPairs(
  _ source: UnsafePointer<BFloat16>, rows: Int, columns: Int,
  _ target: UnsafeMutablePointer<UInt32>
) {
  for row in stride(from: 0, to: rows, by: 2) {
    let (upper, lower) = (source + row * columns, source + (row + 1) * columns)
    for column in stride(from: 0, to: columns, by: laneCount) {
      storePairs(
        loadBits(upper + column), loadBits(lower + column), target + row / 2 * columns + column)
    }
  }
}

/// target [d/2, n] = the transposed rows of source [n, d].
package func transposeRows(
  _ source: UnsafePointer<BFloat16>, rows: Int, columns: Int,
  _ target: UnsafeMutablePointer<UInt32>
) {
  transposeBlocks(source, rows: rows, columns: columns / 2, target)
}

/// target [d, n] = the columns of a matrix, from its pairs [n/2, d].
package func transposePairs(
  _ source: UnsafePointer<UInt32>, rows: Int, columns: Int,
  _ target: UnsafeMutablePointer<BFloat16>
) {
  transposeBlocks(source, rows: rows / 2, columns: columns, target)
}
