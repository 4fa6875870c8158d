/// Steele, Lea and Flood's SplitMix64 (OOPSLA 2014): a counter through a mixing function, so a
/// stream is its seed and nothing else.
package struct SplitMix64 {
  private var state: UInt64

  /// The stream of `seed` for the purpose and place that `stream` and `index` name.
  package init(seed: UInt64, stream: UInt64, index: UInt64 = 0) {
    state = Self.finish(Self.finish(Self.finish(seed) ^ stream) ^ index)
  }

  /// The next number.
  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.finish(state)
  }

  /// A number below `bound`, each equally likely (Lemire 2019, with rejection).
  package mutating func next(below bound: UInt64) -> UInt64 {
    var product = next().multipliedFullWidth(by: bound)
    if product.low < bound {
      let threshold = (0 &- bound) % bound
      while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
    }
    return product.high
  }

  private static func finish(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// The purposes for which this module draws random numbers, so that no two share a stream.
enum RandomStream {
  static let split: UInt64 = 0x5350_4C49
  static let shuffle: UInt64 = 0x5348_5546
  static let repeatOrder: UInt64 = 0x5250_4F52
  static let repeatOffset: UInt64 = 0x5250_4F46
}
