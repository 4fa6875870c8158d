extension Metaspace {
  /// Writes the visible character for each space, and splits the words before it.
  func apply(to text: inout WordText) {
    let beginsRow = text.beginsRow
    text.rewriteWords { word, old, new, words in
      let isFirst =
        old.isTracked ? old.source(word.lowerBound) == 0 : beginsRow && word.lowerBound == 0
      let start = new.count
      if scheme == .always || (scheme == .first && isFirst), !isMarked(old, word) {
        new.append(replacement, source: old.source(word.lowerBound))
      }
      let wordStart = write(word, of: old, from: start, to: &new, &words)
      if wordStart < new.count { words.append(wordStart..<new.count) }
    }
  }

  /// Writes a word, and adds the pieces that are complete. Returns where the last one begins.
  @inline(__always)
  private func write(
    _ word: Range<Int>, of old: SourcedText, from start: Int, to new: inout SourcedText,
    _ words: inout [Range<Int>]
  ) -> Int {
    var wordStart = start
    let bytes = old.bytes.span
    for place in word {
      let byte = bytes[place]
      let isSpace = byte == 0x20
      if splits, isSpace || (byte == replacement[0] && isReplacement(bytes, place, word.upperBound))
      {
        if wordStart < new.count { words.append(wordStart..<new.count) }
        wordStart = new.count
      }
      if isSpace {
        new.append(replacement, source: old.source(place))
      } else {
        new.append(byte, source: old.source(place))
      }
    }
    return wordStart
  }

  /// Whether a word begins with a space or the visible character.
  private func isMarked(_ text: SourcedText, _ word: Range<Int>) -> Bool {
    text.bytes[word.lowerBound] == 0x20
      || isReplacement(text.bytes.span, word.lowerBound, word.upperBound)
  }

  private func isReplacement(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
    guard start + replacement.count <= end else { return false }
    for offset in replacement.indices where text[start + offset] != replacement[offset] {
      return false
    }
    return true
  }
}
