// What is done to the lines of one head as they come and go: between the matrices of the batch, where a
// head's parts of two tokens lie far apart, and operands that are packed.

import CVector
import Memory

extension AttentionHead {
  /// target[i, ·] = (source[lines[i], column…] + bias)·scale for the head's part of some lines, zero in the padding:
  /// `width` values across, whole vectors, and `height` down.
  func pack<Value: StorableLanes>(
    _ source: Operand, _ lines: Range<Int>, bias: UnsafePointer<Float>? = nil,
    scale: Float = 1, into target: UnsafeMutablePointer<Value>, width: Int, height: Int
  ) {
    switch source {
    case .float32(let source): pack(source, lines, bias, scale, target, width, height)
    case .bfloat16(let source): pack(source, lines, bias, scale, target, width, height)
    }
  }

  private func pack<Source: StorableLanes, Value: StorableLanes>(
    _ source: Matrix<Source>, _ lines: Range<Int>, _ bias: UnsafePointer<Float>?, _ scale: Float,
    _ target: UnsafeMutablePointer<Value>, _ width: Int, _ height: Int
  ) {
    for token in 0..<lines.count {
      let line = source.pointer + (lines.lowerBound + token) * source.stride + column
      let packed = target + token * width
      prefetch(line + linesAhead * source.stride, count: size)
      forEachVector(size) { i, lanes in
        var value = Source.load(line + i, lanes)
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

  /// target[lines[i], column…] = source[i, ·]·scale for the head's part of some lines. Where `sums` are given
  /// the values, before any rounding, are added to them.
  func unpack(
    _ source: UnsafePointer<Float>, stride: Int, scale: Float = 1, into target: Operand,
    _ lines: Range<Int>, sums: UnsafeMutablePointer<Float>? = nil
  ) {
    switch target {
    case .float32(let target): unpack(source, stride, scale, target, lines, sums)
    case .bfloat16(let target): unpack(source, stride, scale, target, lines, sums)
    }
  }

  private func unpack<Value: StorableLanes>(
    _ source: UnsafePointer<Float>, _ stride: Int, _ scale: Float, _ target: Matrix<Value>,
    _ lines: Range<Int>, _ sums: UnsafeMutablePointer<Float>?
  ) {
    for token in 0..<lines.count {
      let line = target.pointer + (lines.lowerBound + token) * target.stride + column
      let packed = source + token * stride
      forEachVector(size) { i, lanes in
        let value = load(packed + i) * scale
        Value.store(value, line + i, lanes)
        if let sums { store(load(sums + i, lanes) + value, sums + i, lanes) }
      }
    }
  }

  /// D of a query: the product of its output, a line of `output`, and the packed gradient of that.
  func product<Value: StorableLanes>(
    _ gradient: UnsafePointer<Value>, _ output: Operand, line: Int
  ) -> Float {
    switch output {
    case .float32(let output): product(gradient, output, line)
    case .bfloat16(let output): product(gradient, output, line)
    }
  }

  @inline(__always)
  private func product<Value: StorableLanes, Output: StorableLanes>(
    _ gradient: UnsafePointer<Value>, _ output: Matrix<Output>, _ line: Int
  ) -> Float {
    let values = output.pointer + line * output.stride + column
    prefetch(values + linesAhead * output.stride, count: size)
    var sum = Lanes()
    forEachVector(size) { i, lanes in
      sum.addProduct(Value.load(gradient + i, laneCount), Output.load(values + i, lanes))
    }
    return horizontalSum(sum)
  }
}

/// How many tokens before its use a line is asked for.
let linesAhead = 12

/// Asks for the part of a head in a line that will be read soon: the processor does not foresee them.
@inline(__always)
func prefetch<Value>(_ line: UnsafePointer<Value>, count: Int) {
  let cacheLine = 64 / MemoryLayout<Value>.stride
  for offset in stride(from: 0, to: count, by: cacheLine) { prefetch_line(line + offset) }
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
