import Foundation

/// A sum of doubles that does not depend on the order of its terms.
///
/// Each term is cut to a multiple of 2^-64 and added as a fixed-point number in three integers, so
/// that sums are merged by adding those integers. Terms of 2^62 and more, infinite ones and NaN
/// are counted apart and make the value NaN. Exact for up to 2^31 terms.
public struct ExactSum: Sendable, Equatable {
  /// Multiples of 1, 2^-32 and 2^-64, and the number of terms that could not be added.
  public private(set) var integers: SIMD4<Int64> = .zero

  /// An empty sum.
  public init() {}

  /// A sum whose integers were taken from others and added.
  public init(integers: SIMD4<Int64>) { self.integers = integers }

  /// Adds one term.
  public mutating func add(_ term: Double) {
    guard abs(term) < 0x1p62 else {
      integers.w += 1
      return
    }
    let whole = term.rounded(.down)
    let scaled = (term - whole) * 0x1p32
    let middle = scaled.rounded(.down)
    integers.x += Int64(whole)
    integers.y += Int64(middle)
    integers.z += Int64(((scaled - middle) * 0x1p32).rounded(.down))
  }

  /// Adds the terms of another sum.
  public mutating func merge(_ other: ExactSum) { integers &+= other.integers }

  /// The sum, rounded to a double; NaN if any term was not a number of sensible size.
  public var value: Double {
    guard integers.w == 0 else { return .nan }
    let middle = integers.y + integers.z >> 32
    let whole = integers.x + middle >> 32
    let fraction =
      Double(middle & 0xffff_ffff) * 0x1p-32 + Double(integers.z & 0xffff_ffff) * 0x1p-64
    return Double(whole) + fraction
  }
}
