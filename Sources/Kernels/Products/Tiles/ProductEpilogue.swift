// What follows on a product of matrices by tiles, done with each block of 32 × 32 sums while these are in the
// first-level cache, so that they need not be written and read again.

import CVector
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
  /// Asks for the memory that `finish` will read and write for a block of these sums, which are still to be
  /// computed.
  func prefetch(rows: Range<Int>, columns: Range<Int>)

  func finish(_ block: ProductBlock)
}

/// c = sums, or c += sums.
struct StoringEpilogue: ProductEpilogue {
  let target: Matrix<Float>
  let accumulate: Bool

  @inline(__always)
  func prefetch(rows: Range<Int>, columns: Range<Int>) {
    prefetchToWrite(target, rows, columns)
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
  func prefetch(rows: Range<Int>, columns: Range<Int>) {
    prefetchToWrite(target, rows, columns)
  }

  func finish(_ block: ProductBlock) {
    block.forEachLine(of: target) { sums, line in roundLine(sums, line, block.columns.count) }
  }
}

/// Asks for a block of a matrix that will be read soon.
@inline(__always)
func prefetch<Value>(_ matrix: Matrix<Value>, _ rows: Range<Int>, _ columns: Range<Int>) {
  for row in rows {
    prefetch(matrix.pointer + row * matrix.stride + columns.lowerBound, count: columns.count)
  }
}

/// Likewise of one that will be written.
@inline(__always)
func prefetchToWrite<Value>(_ matrix: Matrix<Value>, _ rows: Range<Int>, _ columns: Range<Int>) {
  for row in rows {
    prefetchToWrite(
      matrix.pointer + row * matrix.stride + columns.lowerBound, count: columns.count)
  }
}
