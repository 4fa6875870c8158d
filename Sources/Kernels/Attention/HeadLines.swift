// What is done to the lines of one head as they come and go: between the matrices of the batch, where a
// head's parts of two tokens lie far apart, and operands that are packed.

import CVector
import Memory

extension AttentionHead {
  /// target[i, ·] = (source[lines[i], column…] + bias)·scale for the head's part of some lines, zero in the padding:
  /// `width` values across, whole vectors, and `height` down.
  func pack<Value: StorableLanes>(
    _ source: Matrix<Float>, _ lines: Range<Int>, bias: UnsafePointer<Float>? = nil,
    scale: Float = 1, into target: UnsafeMutablePointer<Value>, width: Int, height: Int
  ) {
    for token in 0..<lines.count {
      let line = source.pointer + (lines.lowerBound + token) * source.stride + column
      let packed = target + token * width
      prefetch(line + linesAhead * source.stride, count: size)
      forEachVector(size) { i, lanes in
        var value = load(line + i, lanes)
        if let bias { value += load(bias + i, lanes) }
        Value.store(value * scale, packed + i, laneCount)
      }
      for i in stride(from: roundUp(size, laneCount), to: width, by: laneCount) {
        Value.store(Lanes(), packed + i, laneCount)
      }
    }
    for place in stride(from: lines.count * width, to: height * width, by: laneCount) {
      Value.store(Lanes(), target + place, laneCount)
    }
  }

  /// target[lines[i], column…] = source[i, ·]·scale for the head's part of some lines.
  func unpack(
    _ source: UnsafePointer<Float>, stride: Int, scale: Float = 1, into target: Matrix<Float>,
    _ lines: Range<Int>
  ) {
    for token in 0..<lines.count {
      let line = target.pointer + (lines.lowerBound + token) * target.stride + column
      let packed = source + token * stride
      forEachVector(size) { i, lanes in store(load(packed + i) * scale, line + i, lanes) }
    }
  }
}

/// How many tokens before its use a line is asked for.
let linesAhead = 12

/// Asks for the part of a head in a line that will be read soon: the processor does not foresee them.
@inline(__always)
func prefetch(_ line: UnsafePointer<Float>, count: Int) {
  for offset in stride(from: 0, to: count, by: laneCount) { prefetch_line(line + offset) }
}

/// target [columns, rows] = sourceᵀ of values of 32 bits, both without gaps between their rows; rows and
/// columns are multiples of 16.
func transposeBlocks(
  _ source: UnsafeRawPointer, rows: Int, columns: Int, _ target: UnsafeMutableRawPointer
) {
  for column in stride(from: 0, to: columns, by: laneCount) {
    for row in stride(from: 0, to: rows, by: laneCount) {
      transpose_16x16(
        source + 4 * (row * columns + column), columns, target + 4 * (column * rows + row), rows)
    }
  }
}
