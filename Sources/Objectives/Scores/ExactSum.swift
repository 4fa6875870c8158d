import Foundation

/// A sum of doubles that does not depend on the order of its terms.
///
/// Each term is cut to a multiple of 2^-64 and added as a fixed-point number in three integers, so
/// that sums are merged by adding those integers. Infinite terms and NaN are counted apart and make
/// the value NaN, and so does a sum of 2^55 or more, long before the integers overflow, over 128
/// ranks too. Exact for up to 2^31 terms.
public struct ExactSum: Sendable, Equatable {
  /// Multiples of 1, 2^-32 and 2^-64, and the number of terms that could not be added.
  public private(set) var integers: SIMD4<Int64> = .zero

  /// An empty sum.
  public init() {}

  /// A sum whose integers were taken from others and added.
  public init(integers: SIMD4<Int64>) { self.integers = integers }

  /// From here on a sum has no value. A term less keeps it below twice as much.
  private static let limit: Int64 = 1 << 55

  /// Adds one term.
  public mutating func add(_ term: Double) {
    guard abs(term) < 0x1p55, abs(integers.x) < Self.limit else {
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
  public mutating func merge(_ other: ExactSum) {
    let sum = integers &+ other.integers
    guard abs(sum.x) < 2 * Self.limit else {
      integers.w += 1
      return
    }
    integers = sum
  }

  /// The sum, rounded to a double; NaN if any term was not a number of sensible size.
  public var value: Double {
    guard integers.w == 0, abs(integers.x) < Self.limit else { return .nan }
    let middle = integers.y + integers.z >> 32
    let whole = integers.x + middle >> 32
    let fraction =
      Double(middle & 0xffff_ffff) * 0x1p-32 + Double(integers.z & 0xffff_ffff) * 0x1p-64
    return Double(whole) + fraction
  }
}
