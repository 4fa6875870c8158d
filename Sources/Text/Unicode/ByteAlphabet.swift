// GPT-2's alphabet of bytes: a printable character for each of the 256, so that a vocabulary of
// bytes can be written as text. Printable bytes of Latin-1 stand for themselves, the others are
// numbered from U+0100 on.

enum ByteAlphabet {
  /// The character of each byte.
  static let scalars: [UInt32] = {
    var scalars: [UInt32] = []
    var next: UInt32 = 0x100
    for byte in UInt32(0)..<256 {
      switch byte {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: scalars.append(byte)
      default:
        scalars.append(next)
        next += 1
      }
    }
    return scalars
  }()

  private static let bytes: [UInt32: UInt8] = Dictionary(
    uniqueKeysWithValues: scalars.enumerated().map { ($1, UInt8($0)) })

  /// The bytes that a text in the alphabet stands for; nil where it holds another character.
  static func bytes(of text: [UInt8]) -> [UInt8]? {
    var result: [UInt8] = []
    var position = 0
    while position < text.count {
      let scalar = decodeScalar(text.span, at: &position, end: text.count)
      guard let byte = bytes[scalar] else { return nil }
      result.append(byte)
    }
    return result
  }
}
