import Foundation

/// Test data: SplitMix64 (Steele, Lea, Flood 2014), so that a failure can be repeated.
struct RandomValues {
  private var state: UInt64

  init(seed: Int) {
    state = UInt64(truncatingIfNeeded: seed) &* 0x2545_F491_4F6C_DD1D &+ 1
  }

  mutating func word() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Uniform in 0..<1.
  mutating func uniform() -> Double {
    Double(word() >> 11) * 0x1p-53
  }

  /// Normal numbers with the given mean and deviation, by Box and Muller.
  mutating func normal(_ count: Int, mean: Double = 0, deviation: Double = 1) -> [Float] {
    (0..<count).map { _ in
      let radius = (-2 * log(1 - uniform())).squareRoot()
      return Float(mean + deviation * radius * cos(2 * .pi * uniform()))
    }
  }

  /// Whole numbers in 0..<bound.
  mutating func integers(_ count: Int, below bound: Int) -> [Int] {
    (0..<count).map { _ in Int(word() % UInt64(bound)) }
  }
}

extension [Float] {
  /// The same values in double precision.
  var doubles: [Double] { map(Double.init) }
}
