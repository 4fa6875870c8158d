// Python's `str.lower`: every character by its full mapping, and Σ at the end of a word becomes ς.

extension LetterKind {
  /// Appends the lowercased text to `output`. Bytes that are not UTF-8 become U+FFFD.
  static func lowercase(_ text: Span<UInt8>, into output: inout [UInt8]) {
    output.reserveCapacity(output.count + text.count)
    var position = 0
    while position < text.count {
      let byte = text[position]
      if byte < 0x80 {
        position += 1
        output.append(0x41...0x5A ~= byte ? byte | 0x20 : byte)
      } else {
        let start = position
        let scalar = decodeScalar(text, at: &position, end: text.count)
        appendLowercased(scalar, of: text, from: start, to: position, into: &output)
      }
    }
  }

  private static func appendLowercased(
    _ scalar: UInt32, of text: Span<UInt8>, from start: Int, to end: Int,
    into output: inout [UInt8]
  ) {
    guard table.of(scalar).contains(.uppercase), let letter = Unicode.Scalar(scalar) else {
      output.appendScalar(scalar)
      return
    }
    if scalar == capitalSigma, isFinal(text, from: start, to: end) {
      output.appendScalar(finalSigma)
    } else {
      output.append(contentsOf: letter.properties.lowercaseMapping.utf8)
    }
  }

  private static let capitalSigma: UInt32 = 0x3A3
  private static let finalSigma: UInt32 = 0x3C2

  /// Unicode's condition Final_Sigma: a cased letter before and none behind, whatever
  /// case-ignorable characters lie between.
  private static func isFinal(_ text: Span<UInt8>, from start: Int, to end: Int) -> Bool {
    var position = start
    var before: LetterKind = .caseIgnorable
    while position > 0, before.contains(.caseIgnorable) {
      let previous = decodeScalar(text, before: position)
      before = table.of(previous.scalar)
      position = previous.start
    }
    var behind: LetterKind = .caseIgnorable
    position = end
    while position < text.count, behind.contains(.caseIgnorable) {
      behind = table.of(decodeScalar(text, at: &position, end: text.count))
    }
    return before.contains(.cased) && before.isDisjoint(with: .caseIgnorable)
      && (behind.isDisjoint(with: .cased) || behind.contains(.caseIgnorable))
  }
}
