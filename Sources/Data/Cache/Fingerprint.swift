import Memory

/// A 64-bit hash against accidents: changed files, flipped bits, equal texts. Not against malice.
///
/// Every step maps both its state and its input one to one, so a change inside one word always
/// changes the result.
enum Fingerprint {
  static let start: UInt64 = 0x9E37_79B9_7F4A_7C15
  private static let multiplier: UInt64 = 0xD6E8_FEB8_6659_FD93

  /// The state after `word`.
  @inline(__always)
  static func mix(_ state: UInt64, _ word: UInt64) -> UInt64 {
    let product = (state ^ word) &* multiplier
    return product ^ (product >> 32)
  }

  /// The hash of words, in four interleaved chains so that the multiplications overlap.
  static func hash(_ words: Span<UInt64>) -> UInt64 {
    var a = start
    var b = mix(start, 1)
    var c = mix(start, 2)
    var d = mix(start, 3)
    let whole = words.count & ~3
    var index = 0
    while index < whole {
      a = mix(a, words[index])
      b = mix(b, words[index + 1])
      c = mix(c, words[index + 2])
      d = mix(d, words[index + 3])
      index += 4
    }
    while index < words.count {
      a = mix(a, words[index])
      index += 1
    }
    return mix(mix(mix(mix(a, b), c), d), UInt64(words.count))
  }

  /// The hash of a file's whole content.
  static func hash(_ file: MappedFile) -> UInt64 {
    let wordCount = file.byteCount / 8
    let words = file.vector(at: 0, count: wordCount, of: UInt64.self)
    var result = words.withSpan { hash($0) }
    for index in (8 * wordCount)..<file.byteCount {
      result = mix(result, UInt64(file.bytes[index]))
    }
    return mix(result, UInt64(file.byteCount))
  }

  /// The hash of a text's UTF-8 bytes.
  static func hash(_ text: String) -> UInt64 {
    var result = start
    for byte in text.utf8 { result = mix(result, UInt64(byte)) }
    return result
  }
}

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
