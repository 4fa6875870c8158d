// The operands of a product of matrices by tiles, brought into the order in which the tiles read
// them. c = a·b is cut into blocks of 32 × 32; so are its operands. A block of an operand is
// 2 KiB without gaps:
//   of a, 32 lines of it (its rows), each 32 values;
//   of b, 16 rows of pairs, each of 32 lines (its columns): a pair is two values that
//   follow each other.
// If a matrix ends within a block the rest is 0.

import CVector
import Memory

/// Values of a block.
let tileBlockSize = tileSize * tileSize

/// Blocks that it takes for `count` lines, or a depth of it.
func blockCount(_ count: Int) -> Int { (count + tileSize - 1) / tileSize }

/// Room for two blocks on their way: what an edge is filled up in, and pairs that are
/// to be transposed.
struct PackingScratch {
  let edge: UnsafeMutablePointer<BFloat16>
  let pairs: UnsafeMutablePointer<UInt32>
}

/// An operand where it lies: the rows of a or the columns of b are its lines, and the sums run
/// along its depth.
struct ProductOperand {
  let values: UnsafePointer<BFloat16>
  /// Values between what lies below each other in memory.
  let stride: Int
  let lines: Int
  let depth: Int
  /// Whether a line's values follow each other in memory, rather than the lines' values
  /// of one depth.
  let isLineByLine: Bool

  init(_ matrix: Matrix<BFloat16>, isLineByLine: Bool) {
    values = UnsafePointer(matrix.pointer)
    stride = matrix.stride
    lines = isLineByLine ? matrix.rows : matrix.columns
    depth = isLineByLine ? matrix.columns : matrix.rows
    self.isLineByLine = isLineByLine
  }

  /// Packs some lines of a: panels of 32 lines, each in blocks one after the other along the depth.
  func packA(
    lines: Range<Int>, depth: Range<Int>, into target: UnsafeMutablePointer<BFloat16>,
    _ scratch: PackingScratch
  ) {
    forEachBlock(lines, depth, scratch.edge) { source, stride, place in
      let block = target + place * tileBlockSize
      if isLineByLine {
        copy(source, stride, block)
      } else {
        pair(source, stride, scratch.pairs)
        transposePairs(scratch.pairs, tileSize, block)
      }
    }
  }

  /// Packs some lines of b, likewise.
  func packB(
    lines: Range<Int>, depth: Range<Int>, into target: UnsafeMutablePointer<UInt32>,
    _ scratch: PackingScratch
  ) {
    forEachBlock(lines, depth, scratch.edge) { source, stride, place in
      let block = target + place * tileBlockSize / 2
      if isLineByLine {
        transposeRows(source, stride, block)
      } else {
        pair(source, stride, block)
      }
    }
  }

  /// Gives blocks and the places to pack them to. Blocks beside each other in memory follow each
  /// other, because that is what a processor foresees.
  @inline(__always)
  private func forEachBlock(
    _ lines: Range<Int>, _ depth: Range<Int>, _ edge: UnsafeMutablePointer<BFloat16>,
    _ body: (_ source: UnsafePointer<BFloat16>, _ stride: Int, _ place: Int) -> Void
  ) {
    let (lineBlocks, depthBlocks) = (blockCount(lines.count), blockCount(depth.count))
    let (outer, inner) = isLineByLine ? (lineBlocks, depthBlocks) : (depthBlocks, lineBlocks)
    for i in 0..<outer {
      for j in 0..<inner {
        let (line, step) = isLineByLine ? (i, j) : (j, i)
        withBlock(
          lines.lowerBound + line * tileSize, depth.lowerBound + step * tileSize,
          depth.upperBound, edge
        ) { source, stride in body(source, stride, line * depthBlocks + step) }
      }
    }
  }

  /// Gives a block as it lies in memory, if it is whole and its pairs are aligned, else a copy
  /// that is filled up with zeros.
  @inline(__always)
  private func withBlock(
    _ line: Int, _ start: Int, _ end: Int, _ edge: UnsafeMutablePointer<BFloat16>,
    _ body: (_ source: UnsafePointer<BFloat16>, _ stride: Int) -> Void
  ) {
    let (lineCount, depthCount) = (min(tileSize, lines - line), min(tileSize, end - start))
    let (row, column) = isLineByLine ? (line, start) : (start, line)
    let source = values + row * stride + column
    if lineCount == tileSize && depthCount == tileSize && stride % 2 == 0 {
      return body(source, stride)
    }
    edge.update(repeating: BFloat16(0), count: tileBlockSize)
    let (rows, columns) = isLineByLine ? (lineCount, depthCount) : (depthCount, lineCount)
    for row in 0..<rows {
      (edge + row * tileSize).update(from: source + row * stride, count: columns)
    }
    body(UnsafePointer(edge), tileSize)
  }
}

/// target = source: rows of 32.
@inline(__always)
private func copy(
  _ source: UnsafePointer<BFloat16>, _ stride: Int, _ target: UnsafeMutablePointer<BFloat16>
) {
  for row in 0..<tileSize {
    let (from, to) = (source + row * stride, target + row * tileSize)
    storeBits(loadBits(from), to)
    storeBits(loadBits(from + laneCount), to + laneCount)
  }
}

/// target = the pairs of source's rows.
@inline(__always)
private func pair(
  _ source: UnsafePointer<BFloat16>, _ stride: Int, _ target: UnsafeMutablePointer<UInt32>
) {
  for row in 0..<tileSize / 2 {
    let (upper, lower) = (source + 2 * row * stride, source + (2 * row + 1) * stride)
    let to = target + row * tileSize
    storePairs(loadBits(upper), loadBits(lower), to)
    storePairs(loadBits(upper + laneCount), loadBits(lower + laneCount), to + laneCount)
  }
}

/// target = the transpose of the matrix whose pairs are the source.
@inline(__always)
private func transposePairs(
  _ source: UnsafePointer<UInt32>, _ stride: Int, _ target: UnsafeMutablePointer<BFloat16>
) {
  transpose_16x16(source, stride, target, tileSize / 2)
  transpose_16x16(source + laneCount, stride, target + laneCount * tileSize, tileSize / 2)
}

/// target = sourceᵀ, two values of a row taken as one.
@inline(__always)
private func transposeRows(
  _ source: UnsafePointer<BFloat16>, _ stride: Int, _ target: UnsafeMutablePointer<UInt32>
) {
  transpose_16x16(source, stride / 2, target, tileSize)
  transpose_16x16(source + laneCount * stride, stride / 2, target + laneCount, tileSize)
}
