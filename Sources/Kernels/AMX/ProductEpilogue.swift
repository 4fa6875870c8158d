// What follows on a product of matrices by tiles, done with each block of 32 × 32 sums while these
// are in the first-level cache, so that they need not be written and read again.

import CTiles
import Memory

/// 32 × 32 sums of a product, or what there is of them at its edges.
struct ProductBlock {
  let rows: Range<Int>
  let columns: Range<Int>
  /// Rows of 32.
  let sums: UnsafePointer<Float>

  /// Gives each row of sums with its part of a line of `target`.
  @inline(__always)
  func forEachLine<Value>(
    of target: Matrix<Value>,
    _ body: (_ sums: UnsafePointer<Float>, _ line: UnsafeMutablePointer<Value>) -> Void
  ) {
    var rowSums = sums
    for row in rows {
      body(rowSums, target.pointer + row * target.stride + columns.lowerBound)
      rowSums += tileSize
    }
  }
}

/// What is done with the blocks of a product.
protocol ProductEpilogue {
  /// The cache lines that `finish` will read and write for the block that begins there, which is
  /// still to be computed.
  func results(row: Int, column: Int) -> (result_lines, result_lines)

  func finish(_ block: ProductBlock)
}

/// c = sums, or c += sums.
struct StoringEpilogue: ProductEpilogue {
  let target: Matrix<Float>
  let accumulate: Bool

  @inline(__always)
  func results(row: Int, column: Int) -> (result_lines, result_lines) {
    (lines(of: target, row, column), lines(of: target, row, column + tileSize / 2))
  }

  func finish(_ block: ProductBlock) {
    if accumulate { add(block) } else { store(block) }
  }

  private func store(_ block: ProductBlock) {
    block.forEachLine(of: target) { sums, line in
      forEachVector(block.columns.count) { i, lanes in
        Kernels.store(load(sums + i), line + i, lanes)
      }
    }
  }

  private func add(_ block: ProductBlock) {
    block.forEachLine(of: target) { sums, line in
      forEachVector(block.columns.count) { i, lanes in
        Kernels.store(load(line + i, lanes) + load(sums + i), line + i, lanes)
      }
    }
  }
}

/// c = sums, rounded.
struct RoundingEpilogue: ProductEpilogue {
  let target: Matrix<BFloat16>

  @inline(__always)
  func results(row: Int, column: Int) -> (result_lines, result_lines) {
    let lines = lines(of: target, row, column)
    return (lines, lines)
  }

  func finish(_ block: ProductBlock) {
    block.forEachLine(of: target) { sums, line in roundLine(sums, line, block.columns.count) }
  }
}

/// The cache line of each row, from one row on, that a column is in.
@inline(__always)
func lines<Value>(of matrix: Matrix<Value>, _ row: Int, _ column: Int) -> result_lines {
  // Beyond the last column it may be another row's, which does no harm.
  let start =
    UnsafeRawPointer(matrix.pointer + row * matrix.stride) + column * MemoryLayout<Value>.stride
  return result_lines(
    start: start.assumingMemoryBound(to: CChar.self),
    stride: matrix.stride * MemoryLayout<Value>.stride)
}
