// Which tokens are which word of a text, and where the word stands in it. Token ids are those of
// `encode`, which needs no places and is faster.

extension PipelineTokenizer {
  /// Finds the words of a text, in order, with the places of their tokens; special tokens come
  /// first and last.
  public func placedWords(utf8 text: Span<UInt8>, maxLength: Int) -> [PlacedWord] {
    var workspace = PipelineWorkspace(tracksSources: true)
    var words = PlacedWords()
    place(text, &words, &workspace)
    let room = max(0, maxLength - frame.count)
    let cut = truncatesLeft ? max(0, words.ids.count - room) : 0
    let kept = cut..<min(words.ids.count, cut + room)
    var placed: [PlacedWord] = []
    for token in frame.before {
      placed.append(PlacedWord(special: token.name, at: placed.count))
    }
    for word in words.words {
      let tokens = word.tokens.clamped(to: kept)
      guard !tokens.isEmpty else { continue }
      let first = tokens.lowerBound - cut + frame.before.count
      placed.append(PlacedWord(tokens: first..<first + tokens.count, bytes: word.bytes))
    }
    for (number, token) in frame.after.enumerated() {
      placed.append(
        PlacedWord(special: token.name, at: frame.before.count + kept.count + number))
    }
    return placed.filter { $0.tokens.lowerBound < maxLength }
  }

  private func place(
    _ text: Span<UInt8>, _ words: inout PlacedWords, _ workspace: inout PipelineWorkspace
  ) {
    var position = 0
    while true {
      let match = writtenTokens.firstMatch(in: text, from: position)
      let end = match?.start ?? text.count
      normalize(text, position..<end, &workspace)
      placeSegment(text, end, &words, &workspace)
      guard let match else { return }
      words.append(match.id, bytes: match.start..<match.end)
      position = match.end
    }
  }

  /// The words of a normal form of what ends at `end` in the text.
  private func placeSegment(
    _ text: Span<UInt8>, _ end: Int, _ words: inout PlacedWords,
    _ workspace: inout PipelineWorkspace
  ) {
    var start = 0
    let segment = workspace.segment
    func place(_ range: Range<Int>) {
      if range.isEmpty { return }
      split(range, &workspace)
      let clean = workspace.words.text
      let limit = range.upperBound < segment.count ? segment.source(range.upperBound) : end
      for word in workspace.words.words {
        let count = words.ids.count
        model.append(clean.bytes.span, word, to: &words.ids, &workspace.model)
        words.close(from: count, bytes: clean.origin(word, end: limit).trimmed(text))
      }
    }
    while let match = normalizedTokens.firstMatch(in: segment.bytes.span, from: start) {
      place(start..<match.start)
      words.append(match.id, bytes: segment.origin(match.start..<match.end, end: end))
      start = match.end
    }
    place(start..<segment.count)
  }
}

extension SourcedText {
  /// The bytes of the original from which some bytes came, with what was removed behind them.
  /// `end` is where the original of the whole text ends.
  fileprivate func origin(_ range: Range<Int>, end: Int) -> Range<Int> {
    let last = sources[range].max() ?? 0
    let next = sources[range.upperBound...].first { $0 > last } ?? end
    return (sources[range].min() ?? 0)..<next
  }
}

extension Range<Int> {
  /// Without white space at the ends, unless there is nothing else.
  fileprivate func trimmed(_ text: Span<UInt8>) -> Range<Int> {
    let classes = CharacterClass.table
    var (start, end) = (lowerBound, upperBound)
    while end > start {
      let last = decodeScalar(text, before: end)
      guard classes.of(last.scalar).contains(.whitespace) else { break }
      end = last.start
    }
    while start < end {
      var next = start
      guard classes.of(decodeScalar(text, at: &next, end: end)).contains(.whitespace) else { break }
      start = next
    }
    return start < end ? start..<end : self
  }
}
