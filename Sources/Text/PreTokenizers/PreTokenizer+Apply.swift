// Splitting text into words.

extension PreTokenizer {
  /// Splits the words of a text further.
  func apply(to text: inout WordText) {
    switch self {
    case .bert: Self.split(&text, classes: [.whitespace, .punctuation])
    case .whitespaceSplit: Self.split(&text, classes: .whitespace)
    case .words: text.splitWords { word, bytes, words, _ in Self.alternate(word, bytes, &words) }
    case .punctuation(let behavior):
      Self.split(&text, behavior) { CharacterClass.table.of($0).contains(.punctuation) }
    case .digits(let individual):
      Self.split(&text, individual ? .isolated : .contiguous) {
        ScalarKind.table.of($0).contains(.numeric)
      }
    case .delimiter(let bytes):
      TextPattern.text(bytes).split(&text, .removed, isInverted: false)
    case .split(let pattern, let behavior, let isInverted):
      pattern.split(&text, behavior, isInverted: isInverted)
    case .fixedLength(let length):
      text.splitWords { word, bytes, words, _ in Self.cut(word, bytes, length, &words) }
    case .byteLevel(let byteLevel): byteLevel.apply(to: &text)
    case .metaspace(let metaspace): metaspace.apply(to: &text)
    }
  }

  /// At white space, which goes; punctuation, if it is asked for, is a word of its own.
  private static func split(_ text: inout WordText, classes wanted: CharacterClass) {
    let table = CharacterClass.table
    text.splitWords { word, bytes, words, _ in
      var (start, position) = (word.lowerBound, word.lowerBound)
      while position < word.upperBound {
        var next = position
        let found = table.of(decodeScalar(bytes, at: &next, end: word.upperBound))
          .intersection(wanted)
        if !found.isEmpty {
          if start < position { words.append(start..<position) }
          if !found.contains(.whitespace) { words.append(position..<next) }
          start = next
        }
        position = next
      }
      if start < position { words.append(start..<position) }
    }
  }

  /// Each character that is asked for is a delimiter.
  private static func split(
    _ text: inout WordText, _ behavior: SplitBehavior, at isDelimiter: (UInt32) -> Bool
  ) {
    text.splitWords { word, bytes, words, _ in
      var splitter = WordSplitter(behavior)
      var (start, position) = (word.lowerBound, word.lowerBound)
      while position < word.upperBound {
        var next = position
        if isDelimiter(decodeScalar(bytes, at: &next, end: word.upperBound)) {
          splitter.add(start..<position, isDelimiter: false, to: &words)
          splitter.add(position..<next, isDelimiter: true, to: &words)
          start = next
        }
        position = next
      }
      splitter.add(start..<position, isDelimiter: false, to: &words)
      splitter.finish(&words)
    }
  }

  /// Runs of `\w`, and runs of what is neither that nor white space.
  private static func alternate(
    _ word: Range<Int>, _ bytes: Span<UInt8>, _ words: inout [Range<Int>]
  ) {
    let table = ScalarKind.table
    let kinds: ScalarKind = [.word, .whitespace]
    var (start, position) = (word.lowerBound, word.lowerBound)
    var last = ScalarKind.whitespace
    while position < word.upperBound {
      var next = position
      let kind = table.of(decodeScalar(bytes, at: &next, end: word.upperBound)).intersection(kinds)
      if kind != last {
        if last != .whitespace, start < position { words.append(start..<position) }
        start = position
      }
      (last, position) = (kind, next)
    }
    if last != .whitespace, start < position { words.append(start..<position) }
  }

  private static func cut(
    _ word: Range<Int>, _ bytes: Span<UInt8>, _ length: Int, _ words: inout [Range<Int>]
  ) {
    var (start, count) = (word.lowerBound, 0)
    for position in word where bytes[position] & 0xC0 != 0x80 {
      if count == length {
        words.append(start..<position)
        (start, count) = (position, 0)
      }
      count += 1
    }
    words.append(start..<word.upperBound)
  }
}

extension TextPattern {
  /// Splits the words of a text at the matches, or at what lies between them.
  fileprivate func split(
    _ text: inout WordText, _ behavior: SplitBehavior, isInverted: Bool
  ) {
    text.splitWords { word, bytes, words, choices in
      var splitter = WordSplitter(behavior)
      var position = word.lowerBound
      while let match = firstMatch(in: bytes, from: position, to: word.upperBound, &choices) {
        splitter.add(position..<match.lowerBound, isDelimiter: isInverted, to: &words)
        splitter.add(match, isDelimiter: !isInverted, to: &words)
        position = match.upperBound
      }
      splitter.add(position..<word.upperBound, isDelimiter: isInverted, to: &words)
      splitter.finish(&words)
    }
  }
}
