// Hugging Face's `BertPreTokenizer`: words end at white space, punctuation is a word of its own.

extension WordPieceTokenizer {
  /// `text` after the clean-up. Added tokens are not looked for.
  package func normalized(_ text: String) -> String {
    var clean: [UInt8] = []
    normalizer.normalize(text.utf8.span, from: 0, to: text.utf8.count, into: &clean)
    return String(decoding: clean, as: UTF8.self)
  }

  /// The words of `text` after the clean-up, before they are split into pieces. Added tokens are
  /// not looked for.
  public func words(of text: String) -> [String] {
    var clean: [UInt8] = []
    normalizer.normalize(text.utf8.span, from: 0, to: text.utf8.count, into: &clean)
    var words: [String] = []
    forEachWord(clean.span, 0, clean.count) { start, end in
      words.append(String(decoding: clean[start..<end], as: UTF8.self))
    }
    return words
  }

  /// Calls `body` with the start and end of each word of clean text.
  @inline(__always)
  func forEachWord(
    _ text: Span<UInt8>, _ start: Int, _ end: Int, _ body: (_ start: Int, _ end: Int) -> Void
  ) {
    var wordStart = start
    var position = start
    while position < end {
      let byte = text[position]
      var next = position + 1
      let characterClass: CharacterClass
      if byte < 0x80 {
        characterClass = normalizer.classes[Int(byte)]
      } else {
        next = position
        characterClass = normalizer.classes.of(decodeScalar(text, at: &next, end: end))
      }
      if characterClass.isDisjoint(with: [.whitespace, .punctuation]) {
        position = next
        continue
      }
      if wordStart < position { body(wordStart, position) }
      if characterClass.contains(.punctuation) { body(position, next) }
      wordStart = next
      position = next
    }
    if wordStart < end { body(wordStart, end) }
  }
}
