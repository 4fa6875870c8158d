// bfloat16: the upper half of a Float, 8 bits of exponent and 7 of fraction. Products read it where
// a run asks for it; nothing else computes in it. See docs/numerics.md.

import CVector
import Memory

/// A bfloat16 number, by its bits.
public struct BFloat16: BitwiseCopyable, Sendable {
  /// Sign, 8 bits of exponent, 7 bits of fraction.
  public let bitPattern: UInt16

  /// The nearest bfloat16, of two equally near ones that with an even fraction. NaN stays NaN, and
  /// what is nearer to 2¹²⁸ than to the largest finite number becomes infinite.
  public init(_ value: Float) {
    let bits = value.bitPattern
    let rounded = (bits &+ 0x7FFF &+ ((bits >> 16) & 1)) >> 16
    bitPattern = UInt16(truncatingIfNeeded: value.isNaN ? bits >> 16 | 0x40 : rounded)
  }

  /// The same number as a Float, exactly.
  public var float: Float { Float(bitPattern: UInt32(bitPattern) << 16) }
}

/// Numbers that a kernel can store from vectors of Float.
protocol StorableLanes: BitwiseCopyable {
  /// Stores the first `count` lanes.
  static func store(_ value: Lanes, _ pointer: UnsafeMutablePointer<Self>, _ count: Int)
}

extension Float: StorableLanes {
  @inline(__always)
  static func store(_ value: Lanes, _ pointer: UnsafeMutablePointer<Float>, _ count: Int) {
    Kernels.store(value, pointer, count)
  }
}

extension BFloat16: StorableLanes {
  @inline(__always)
  static func store(_ value: Lanes, _ pointer: UnsafeMutablePointer<BFloat16>, _ count: Int) {
    if count == laneCount {
      UnsafeMutableRawPointer(pointer).storeBytes(
        of: vector_bfloat16(value), as: SIMD16<UInt16>.self)
    } else {
      for lane in 0..<count { pointer[lane] = BFloat16(value[lane]) }
    }
  }
}

/// Rounds every value as `BFloat16.init` does.
/// - Parameters:
///   - source: `[m, n]`
///   - target: `[m, n]`
public func round(_ source: Matrix<Float>, into target: Matrix<BFloat16>) {
  let timer = KernelTimer(.rounding)
  defer { timer.stop() }
  precondition(source.rows == target.rows && source.columns == target.columns)
  for row in 0..<source.rows {
    let from = source.pointer + row * source.stride
    let to = target.pointer + row * target.stride
    forEachVector(source.columns) { i, lanes in
      BFloat16.store(load(from + i, lanes), to + i, lanes)
    }
  }
}
