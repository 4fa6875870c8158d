// bfloat16: the upper half of a Float, 8 bits of exponent and 7 of fraction. Products read it if
// a run asks for it; nothing else computes in it. See docs/explanation/numerics.md.

import CVector
import Memory

/// A bfloat16 number, by its bits.
public struct BFloat16: BitwiseCopyable, Sendable {
  /// Sign, 8 bits of exponent, 7 bits of fraction.
  public let bitPattern: UInt16

  /// The nearest bfloat16, of two equally near ones that with an even fraction. NaN stays NaN, and
  /// what is nearer to 2¹²⁸ than to the largest finite number becomes infinite. What is below 2⁻¹²⁶
  /// becomes 0, as x86's conversion and products have it.
  public init(_ value: Float) {
    let bits = value.bitPattern
    let rounded =
      value.isSubnormal ? bits >> 16 & 0x8000 : (bits &+ 0x7FFF &+ ((bits >> 16) & 1)) >> 16
    bitPattern = UInt16(truncatingIfNeeded: value.isNaN ? bits >> 16 | 0x40 : rounded)
  }

  /// The same number as a Float, exactly.
  public var float: Float { Float(bitPattern: UInt32(bitPattern) << 16) }
}

/// Numbers that a kernel can keep vectors of Float as.
protocol StorableLanes: BitwiseCopyable {
  /// The first `count` lanes; the others are 0.
  static func load(_ pointer: UnsafePointer<Self>, _ count: Int) -> Lanes

  /// Stores the first `count` lanes.
  static func store(_ value: Lanes, _ pointer: UnsafeMutablePointer<Self>, _ count: Int)
}

extension Float: StorableLanes {
  @inline(__always)
  static func load(_ pointer: UnsafePointer<Float>, _ count: Int) -> Lanes {
    Kernels.load(pointer, count)
  }

  @inline(__always)
  static func store(_ value: Lanes, _ pointer: UnsafeMutablePointer<Float>, _ count: Int) {
    Kernels.store(value, pointer, count)
  }
}

extension BFloat16: StorableLanes {
  @inline(__always)
  static func load(_ pointer: UnsafePointer<BFloat16>, _ count: Int) -> Lanes {
    if count == laneCount { return vector_float_of_bfloat16(loadBits(pointer)) }
    var value = Lanes()
    for lane in 0..<count { value[lane] = pointer[lane].float }
    return value
  }

  @inline(__always)
  static func store(_ value: Lanes, _ pointer: UnsafeMutablePointer<BFloat16>, _ count: Int) {
    if count == laneCount {
      storeBits(vector_bfloat16(value), pointer)
    } else {
      for lane in 0..<count { pointer[lane] = BFloat16(value[lane]) }
    }
  }
}

/// 16 bfloat16 numbers, by their bits.
typealias BFloat16Lanes = SIMD16<UInt16>

@inline(__always)
func loadBits(_ pointer: UnsafePointer<BFloat16>) -> BFloat16Lanes {
  UnsafeRawPointer(pointer).loadUnaligned(as: BFloat16Lanes.self)
}

@inline(__always)
func storeBits(_ value: BFloat16Lanes, _ pointer: UnsafeMutablePointer<BFloat16>) {
  UnsafeMutableRawPointer(pointer).storeBytes(of: value, as: BFloat16Lanes.self)
}

/// 16 pairs, those of `upper` in the low halves.
@inline(__always)
func storePairs(
  _ upper: BFloat16Lanes, _ lower: BFloat16Lanes, _ pointer: UnsafeMutablePointer<UInt32>
) {
  UnsafeMutableRawPointer(pointer).storeBytes(
    of: vector_pair(upper, lower), as: SIMD16<UInt32>.self)
}

/// Rounds every value as `BFloat16.init` does.
@inline(__always)
func roundLine(
  _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<BFloat16>, _ count: Int
) {
  forEachVector(count) { i, lanes in BFloat16.store(load(source + i, lanes), target + i, lanes) }
}
