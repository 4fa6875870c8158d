// Sums and additions over whole vectors, in an order that depends on nothing but their length.

import CVector
import Memory

/// Floats in a block: the unit in which parameters are cut over ranks and norms are summed.
public let blockSize = 1_024

/// target += source.
public func add(_ source: Vector<Float>, into target: Vector<Float>) {
  let timer = KernelTimer(.reduction)
  defer { timer.stop() }
  precondition(source.count == target.count)
  addValues(of: source.pointer, to: target.pointer, count: source.count)
}

/// target += source, for `count` floats anywhere in memory.
package func addValues(
  of source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, count: Int
) {
  let timer = KernelTimer(.reduction)
  defer { timer.stop() }
  forEachVector(count) { i, lanes in
    store(load(target + i, lanes) + load(source + i, lanes), target + i, lanes)
  }
}

/// A checksum of the values' bits, in an order that makes exchanged values differ: Fletcher's two
/// running sums (1982) over 32-bit words, modulo 2⁶⁴. Any single value that differs changes it.
public func checksum(_ values: Vector<Float>) -> UInt64 {
  var (sum, weighted): (UInt64, UInt64) = (0, 0)
  for index in 0..<values.count {
    let bits = UInt64(values.pointer[index].bitPattern)
    sum &+= bits
    weighted &+= bits &* (UInt64(index) &* 2 &+ 1)
  }
  return sum &* 0x9E37_79B9_7F4A_7C15 ^ weighted
}

/// target += the sum over rows of `values`: `values [T, H]`, `target [H]`, rows in order.
public func addColumnSums(of values: Matrix<Float>, into target: Vector<Float>) {
  let timer = KernelTimer(.reduction)
  defer { timer.stop() }
  precondition(values.columns == target.count)
  for row in 0..<values.rows {
    let line = values.pointer + row * values.stride
    forEachVector(values.columns) { i, lanes in
      store(load(target.pointer + i, lanes) + load(line + i, lanes), target.pointer + i, lanes)
    }
  }
}

/// Adds `bias [H]` to every row of `values [T, H]`.
public func addBias(_ bias: Vector<Float>, to values: Matrix<Float>) {
  let timer = KernelTimer(.reduction)
  defer { timer.stop() }
  precondition(values.columns == bias.count)
  for row in 0..<values.rows {
    let line = values.pointer + row * values.stride
    forEachVector(values.columns) { i, lanes in
      store(load(line + i, lanes) + load(bias.pointer + i, lanes), line + i, lanes)
    }
  }
}

/// target += factor · source.
public func addProduct(of source: Vector<Float>, _ factor: Float, into target: Vector<Float>) {
  let timer = KernelTimer(.reduction)
  defer { timer.stop() }
  precondition(source.count == target.count)
  let factors = Lanes(repeating: factor)
  forEachVector(source.count) { i, lanes in
    let sum = load(target.pointer + i, lanes).addingProduct(
      factors, load(source.pointer + i, lanes))
    store(sum, target.pointer + i, lanes)
  }
}

/// values *= factor.
public func scale(_ values: Vector<Float>, by factor: Float) {
  let timer = KernelTimer(.reduction)
  defer { timer.stop() }
  forEachVector(values.count) { i, lanes in
    store(load(values.pointer + i, lanes) * factor, values.pointer + i, lanes)
  }
}

/// The sum of squares, in double precision: 16 lanes over the vector, then the lanes as a tree.
public func sumOfSquares(_ values: Vector<Float>) -> Double {
  let timer = KernelTimer(.optimizer)
  defer { timer.stop() }
  var (low, high) = (SIMD8<Double>(), SIMD8<Double>())
  forEachVector(values.count) { i, lanes in
    let value = load(values.pointer + i, lanes)
    let (first, second) = (vector_double(value.lowHalf), vector_double(value.highHalf))
    low.addProduct(first, first)
    high.addProduct(second, second)
  }
  let eight = low + high
  let four = eight.lowHalf + eight.highHalf
  let two = four.lowHalf + four.highHalf
  return two.x + two.y
}
