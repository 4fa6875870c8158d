// Sixteen floats at a time, and their arithmetic.
//
// The standard library's operators go lane by lane. The compiler puts the lanes together again, but
// not always all of them: a division may end as five, on eight, four, two, one and one lanes. These
// here are one instruction each, or as many as the processor's vectors are shorter.

import CVector

/// Sixteen floats: one 512-bit register, or what the processor has of it.
package typealias Lanes = SIMD16<Float>

/// Floats in a `Lanes`.
let laneCount = 16

extension Lanes {
  @inline(__always)
  package static func + (a: Lanes, b: Lanes) -> Lanes { vector_add(a, b) }

  @inline(__always)
  package static func + (a: Lanes, b: Float) -> Lanes { vector_add(a, Lanes(repeating: b)) }

  @inline(__always)
  package static func + (a: Float, b: Lanes) -> Lanes { vector_add(Lanes(repeating: a), b) }

  @inline(__always)
  package static func - (a: Lanes, b: Lanes) -> Lanes { vector_subtract(a, b) }

  @inline(__always)
  package static func - (a: Lanes, b: Float) -> Lanes { vector_subtract(a, Lanes(repeating: b)) }

  @inline(__always)
  package static func - (a: Float, b: Lanes) -> Lanes { vector_subtract(Lanes(repeating: a), b) }

  @inline(__always)
  package static func * (a: Lanes, b: Lanes) -> Lanes { vector_multiply(a, b) }

  @inline(__always)
  package static func * (a: Lanes, b: Float) -> Lanes { vector_multiply(a, Lanes(repeating: b)) }

  @inline(__always)
  package static func * (a: Float, b: Lanes) -> Lanes { vector_multiply(Lanes(repeating: a), b) }

  @inline(__always)
  package static func / (a: Lanes, b: Lanes) -> Lanes { vector_divide(a, b) }

  @inline(__always)
  package static func / (a: Lanes, b: Float) -> Lanes { vector_divide(a, Lanes(repeating: b)) }

  @inline(__always)
  package static func / (a: Float, b: Lanes) -> Lanes { vector_divide(Lanes(repeating: a), b) }

  @inline(__always)
  package static func += (a: inout Lanes, b: Lanes) { a = vector_add(a, b) }

  @inline(__always)
  package static func -= (a: inout Lanes, b: Lanes) { a = vector_subtract(a, b) }

  @inline(__always)
  package static func *= (a: inout Lanes, b: Lanes) { a = vector_multiply(a, b) }

  /// self + a·b, rounded once.
  @inline(__always)
  package func addingProduct(_ a: Lanes, _ b: Lanes) -> Lanes { vector_multiply_add(a, b, self) }

  @inline(__always)
  package mutating func addProduct(_ a: Lanes, _ b: Lanes) {
    self = vector_multiply_add(a, b, self)
  }
}

extension SIMD8<Double> {
  /// self + a·b, rounded once.
  @inline(__always)
  mutating func addProduct(_ a: Self, _ b: Self) { self = vector_multiply_add_double(a, b, self) }
}
