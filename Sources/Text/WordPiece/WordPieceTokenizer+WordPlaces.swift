// Which tokens are which word of a text, and where the word stands in it: for those who explain
// what a token did. Token ids are those of `encode`, which needs no places and is faster.

extension WordPieceTokenizer {
  /// Finds the words of a text, in order, with the places of their tokens; [CLS] and [SEP] come
  /// first and last.
  public func placedWords(utf8 text: Span<UInt8>, maxLength: Int) -> [PlacedWord] {
    precondition(maxLength >= 2, "[CLS] and [SEP] need two tokens")
    var words = PlacedWords()
    let stop = options.truncatesLeft ? Int.max : maxLength - 2
    place(text, stoppingAt: stop, &words)
    let cut = options.truncatesLeft ? max(0, words.ids.count - (maxLength - 2)) : 0
    let kept = cut..<min(words.ids.count, cut + maxLength - 2)
    let placed = words.words.compactMap { word -> PlacedWord? in
      let tokens = word.tokens.clamped(to: kept)
      guard !tokens.isEmpty else { return nil }
      // [CLS] stands before the first one.
      let first = tokens.lowerBound - cut + 1
      return PlacedWord(tokens: first..<first + tokens.count, bytes: word.bytes)
    }
    return [PlacedWord(special: options.classToken, at: 0)] + placed
      + [PlacedWord(special: options.separatorToken, at: kept.count + 1)]
  }

  /// As `appendPieces(of:stoppingAt:to:)` goes through a text, with one space-separated stretch
  /// at a time.
  private func place(_ text: Span<UInt8>, stoppingAt stop: Int, _ words: inout PlacedWords) {
    var position = 0
    while words.ids.count < stop {
      let match = writtenTokens.firstMatch(in: text, from: position)
      let end = match?.start ?? text.count
      while position < end && words.ids.count < stop {
        let stretchEnd = canBeCutAtSpaces ? endOfStretch(text, position, end) : end
        placeStretch(CleanStretch(of: text, position..<stretchEnd, normalizer), &words)
        position = stretchEnd
      }
      guard let match else { return }
      words.append(match.id, bytes: match.start..<match.end)
      position = match.end
    }
  }

  /// The end of the bytes before the next space, at least one byte on.
  private func endOfStretch(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
    var position = start + 1
    while position < end && text[position] != 0x20 { position += 1 }
    return position
  }

  private func placeStretch(_ stretch: CleanStretch, _ words: inout PlacedWords) {
    let clean = stretch.clean.span
    func place(from start: Int, to end: Int) {
      forEachWord(clean, start, end) { start, end in
        let count = words.ids.count
        model.append(clean, start, end, to: &words.ids)
        words.close(from: count, bytes: stretch.source(start..<end))
      }
    }
    var position = 0
    while let match = normalizedTokens.firstMatch(in: clean, from: position) {
      place(from: position, to: match.start)
      words.append(match.id, bytes: stretch.source(match.start..<match.end))
      position = match.end
    }
    place(from: position, to: clean.count)
  }
}

/// A stretch of text cleaned up, and which bytes of the text its bytes came from.
private struct CleanStretch {
  let clean: [UInt8]
  /// Where the scalar begins that each clean byte came from, and the end of the stretch.
  private let sources: [Int]

  init(of text: Span<UInt8>, _ range: Range<Int>, _ normalizer: TextNormalizer) {
    var clean: [UInt8] = []
    normalizer.normalize(text, from: range.lowerBound, to: range.upperBound, into: &clean)
    var sources = normalizer.sources(text, range)
    precondition(sources.count == clean.count)
    sources.append(range.upperBound)
    (self.clean, self.sources) = (clean, sources)
  }

  /// The bytes of the text from which some clean ones came, with marks behind them
  /// that were removed.
  func source(_ range: Range<Int>) -> Range<Int> {
    let last = sources[range].max() ?? 0
    let end = sources[range.upperBound...].first { $0 > last } ?? last
    return (sources[range].min() ?? 0)..<end
  }
}
