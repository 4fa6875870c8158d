// What is done to the lines of one head as they come and go: between the matrices of the batch,
// where a head's parts of two tokens lie far apart, and operands that are packed.

import CVector
import Memory

/// Lines of a matrix of the batch that are to be packed, and what becomes of their values.
struct HeadLines {
  let values: Operand
  let lines: Range<Int>
  /// What is added to each line; nil for nothing.
  var bias: UnsafePointer<Float>?
  /// What the sum is multiplied by.
  var scale: Float = 1
}

extension AttentionHead {
  /// target[i, ·] = (values[lines[i], column…] + bias)·scale for the head's part of the lines, and
  /// zero in the padding: `target.stride` values across, whole vectors, and `height` down.
  func pack<Value: StorableLanes>(
    _ source: HeadLines, into target: PackedRows<Value>, height: Int
  ) {
    switch source.values {
    case .float32(let values): pack(values, source, target, height)
    case .bfloat16(let values): pack(values, source, target, height)
    }
  }

  private func pack<Source: StorableLanes, Value: StorableLanes>(
    _ source: Matrix<Source>, _ what: HeadLines, _ target: PackedRows<Value>, _ height: Int
  ) {
    let (lines, bias, scale, width) = (what.lines, what.bias, what.scale, target.stride)
    for token in 0..<lines.count {
      let line = source.pointer + (lines.lowerBound + token) * source.stride + column
      let packed = target.pointer + token * width
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
      Value.store(Lanes(), target.pointer + place, laneCount)
    }
  }

  /// target[lines[i], column…] = source[i, ·]·factors[i] for the head's part of some lines.
  func unpack(
    _ source: PackedRows<Float>, factors: UnsafePointer<Float>, into target: Operand,
    _ lines: Range<Int>
  ) {
    unpack(source, target, lines) { token, _, _, value in value * factors[token] }
  }

  /// target[lines[i], column…] = source[i, ·]·scale for the head's part of some lines. The values,
  /// before any rounding, are added to `sums`.
  func unpack(
    _ source: PackedRows<Float>, scale: Float, into target: Operand, _ lines: Range<Int>,
    sums: UnsafeMutablePointer<Float>
  ) {
    unpack(source, target, lines) { _, i, lanes, value in
      let scaled = value * scale
      store(load(sums + i, lanes) + scaled, sums + i, lanes)
      return scaled
    }
  }

  @inline(__always)
  private func unpack(
    _ source: PackedRows<Float>, _ target: Operand, _ lines: Range<Int>,
    _ finish: (_ token: Int, _ offset: Int, _ lanes: Int, _ value: Lanes) -> Lanes
  ) {
    switch target {
    case .float32(let target): unpack(source, target, lines, finish)
    case .bfloat16(let target): unpack(source, target, lines, finish)
    }
  }

  @inline(__always)
  private func unpack<Value: StorableLanes>(
    _ source: PackedRows<Float>, _ target: Matrix<Value>, _ lines: Range<Int>,
    _ finish: (_ token: Int, _ offset: Int, _ lanes: Int, _ value: Lanes) -> Lanes
  ) {
    for token in 0..<lines.count {
      let line = target.pointer + (lines.lowerBound + token) * target.stride + column
      let packed = source.pointer + token * source.stride
      prefetchToWrite(line + linesAhead * target.stride, count: size)
      forEachVector(size) { i, lanes in
        Value.store(finish(token, i, lanes, load(packed + i)), line + i, lanes)
      }
    }
  }

  /// projected[i] = D of a query: the product of its line of `output` and the packed gradient of
  /// that.
  func project<Value: StorableLanes>(
    _ gradients: PackedRows<Value>, _ output: Operand, _ lines: Range<Int>,
    into projected: UnsafeMutablePointer<Float>
  ) {
    switch output {
    case .float32(let output): project(gradients, output, lines, projected)
    case .bfloat16(let output): project(gradients, output, lines, projected)
    }
  }

  @inline(__always)
  private func project<Value: StorableLanes, Output: StorableLanes>(
    _ gradients: PackedRows<Value>, _ output: Matrix<Output>, _ lines: Range<Int>,
    _ projected: UnsafeMutablePointer<Float>
  ) {
    for query in 0..<lines.count {
      let values = output.pointer + (lines.lowerBound + query) * output.stride + column
      let gradient = gradients.pointer + query * gradients.stride
      prefetch(values + linesAhead * output.stride, count: size)
      var sum = Lanes()
      forEachVector(size) { i, lanes in
        sum.addProduct(Value.load(gradient + i, laneCount), Output.load(values + i, lanes))
      }
      projected[query] = horizontalSum(sum)
    }
  }
}

/// How many tokens before its use a line is asked for.
let linesAhead = 12

/// target [columns, rows] = sourceᵀ of values of 32 bits, both without gaps between their rows;
/// rows and columns are multiples of 16.
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
