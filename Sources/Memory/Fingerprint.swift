/// A 64-bit hash against accidents: changed files, flipped bits, equal texts. Not against malice.
///
/// Every step maps both its state and its input one to one, so a change inside one word always
/// changes the result.
public enum Fingerprint {
  /// The state before anything is mixed in.
  public static let start: UInt64 = 0x9E37_79B9_7F4A_7C15
  @usableFromInline static let multiplier: UInt64 = 0xD6E8_FEB8_6659_FD93

  /// The state after `word`.
  @inlinable @inline(__always)
  public static func mix(_ state: UInt64, _ word: UInt64) -> UInt64 {
    let product = (state ^ word) &* multiplier
    return product ^ (product >> 32)
  }

  /// The hash of a text's UTF-8 bytes.
  public static func hash(_ text: String) -> UInt64 {
    var result = start
    for byte in text.utf8 { result = mix(result, UInt64(byte)) }
    return result
  }
}

extension Vector {
  /// The fingerprint of the values' bytes, which need not be aligned. The bytes are read in words
  /// of 64 bits and in four interleaved chains, so that the multiplications overlap.
  public var fingerprint: UInt64 {
    withBytes { bytes in
      func word(_ index: Int) -> UInt64 {
        bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)
      }
      func start(_ chain: UInt64) -> UInt64 { Fingerprint.mix(Fingerprint.start, chain) }
      var (a, b, c, d) = (start(0), start(1), start(2), start(3))
      let wordCount = bytes.count / 8
      var index = 0
      while index + 4 <= wordCount {
        a = Fingerprint.mix(a, word(index))
        b = Fingerprint.mix(b, word(index + 1))
        c = Fingerprint.mix(c, word(index + 2))
        d = Fingerprint.mix(d, word(index + 3))
        index += 4
      }
      while index < wordCount {
        a = Fingerprint.mix(a, word(index))
        index += 1
      }
      for byte in bytes[(8 * wordCount)...] { a = Fingerprint.mix(a, UInt64(byte)) }
      return Fingerprint.mix([b, c, d].reduce(a, Fingerprint.mix), UInt64(bytes.count))
    }
  }
}
