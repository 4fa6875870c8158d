// The normalizer `Precompiled`: SentencePiece's map from strings to strings, as the library
// `tokenizers` uses it. It lies in the file as a double-array trie (Darts-clone, Yata 2010) and the
// strings that it points to.
//
// The library looks at a grapheme at a time. One of at most five bytes is replaced as a whole by
// what the shortest string that it begins with is mapped to, others character by character.

/// A map of SentencePiece.
struct PrecompiledCharsmap: Equatable, Sendable {
  private let units: [UInt32]
  /// Strings, each with a zero behind it.
  private let strings: [UInt8]
  /// What becomes of each ASCII character but the carriage return; nil where it stays.
  private let ascii: [[UInt8]?]
  private static let longestGrapheme = 5

  /// The map in its binary form; nil where that is damaged.
  init?(_ blob: [UInt8]) {
    guard blob.count >= 4 else { return nil }
    func word(_ start: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(blob[start + $1]) << UInt32(8 * $1) }
    }
    let size = Int(word(0))
    guard size % 4 == 0, size > 0, size <= blob.count - 4 else { return nil }
    units = stride(from: 4, to: 4 + size, by: 4).map(word)
    strings = Array(blob[(4 + size)...])
    guard String(validating: strings, as: UTF8.self) != nil else { return nil }
    var ascii: [[UInt8]?] = []
    for byte in UInt8(0)..<128 {
      ascii.append(Self.replacement([byte].span, 0..<1, units, strings))
    }
    self.ascii = ascii
  }

  /// What the shortest string that `text[range]` begins with is mapped to; nil where there is none.
  private static func replacement(
    _ text: Span<UInt8>, _ range: Range<Int>, _ units: [UInt32], _ strings: [UInt8]
  ) -> [UInt8]? {
    var node = offset(units[0])
    for position in range {
      let byte = text[position]
      guard byte != 0 else { return nil }
      node ^= Int(byte)
      guard node < units.count, units[node] & 0x8000_00FF == UInt32(byte) else { return nil }
      let unit = units[node]
      node ^= offset(unit)
      if unit >> 8 & 1 == 1 {
        guard node < units.count else { return nil }
        let start = Int(units[node] & 0x7FFF_FFFF)
        guard start <= strings.count else { return nil }
        return Array(strings[start...].prefix { $0 != 0 })
      }
    }
    return nil
  }

  private static func offset(_ unit: UInt32) -> Int {
    Int(unit >> 10) << Int((unit & 1 << 9) >> 6)
  }

  /// Writes what the map makes of a text.
  func write(_ text: SourcedText, to output: inout SourcedText) {
    let bytes = text.bytes.span
    var position = 0
    while position < bytes.count {
      if isAlone(bytes, position) {
        if let string = ascii[Int(bytes[position])] {
          output.append(string, source: text.source(position))
        } else {
          output.append(bytes[position], source: text.source(position))
        }
        position += 1
        continue
      }
      let end = endOfStretch(bytes, position)
      writeStretch(text, position..<end, to: &output)
      position = end
    }
  }

  /// Whether an ASCII character is a grapheme by itself: nothing but a line feed behind a carriage
  /// return, and no other ASCII character, goes together with it.
  private func isAlone(_ text: Span<UInt8>, _ position: Int) -> Bool {
    text[position] < 0x80 && text[position] != 0x0D
      && (position + 1 == text.count || text[position + 1] < 0x80)
  }

  /// The end of a stretch that no grapheme crosses. Some characters take the next one with them.
  private func endOfStretch(_ text: Span<UInt8>, _ start: Int) -> Int {
    var end = start + 1
    while end < text.count {
      let follows = text[end - 1] >= 0x80 || text[end - 1] == 0x0D
      if !follows && isAlone(text, end) { break }
      end += 1
    }
    return end
  }

  private func writeStretch(
    _ text: SourcedText, _ range: Range<Int>, to output: inout SourcedText
  ) {
    let bytes = text.bytes.span
    var start = range.lowerBound
    for grapheme in String(decoding: text.bytes[range], as: UTF8.self) {
      let end = start + grapheme.utf8.count
      if end - start <= Self.longestGrapheme,
        let string = Self.replacement(bytes, start..<end, units, strings)
      {
        output.append(string, source: text.source(start))
      } else {
        writeCharacters(text, start..<end, to: &output)
      }
      start = end
    }
  }

  private func writeCharacters(
    _ text: SourcedText, _ range: Range<Int>, to output: inout SourcedText
  ) {
    let bytes = text.bytes.span
    var start = range.lowerBound
    while start < range.upperBound {
      var end = start
      _ = decodeScalar(bytes, at: &end, end: range.upperBound)
      if let string = Self.replacement(bytes, start..<end, units, strings) {
        output.append(string, source: text.source(start))
      } else {
        output.append(text, start..<end)
      }
      start = end
    }
  }
}
