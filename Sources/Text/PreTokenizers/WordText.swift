/// A text on its way to words.
struct WordText: Sendable {
  var text: SourcedText
  /// The words so far: bytes of `text`, in order.
  var words: [Range<Int>] = []
  /// Whether the first byte is the first of the row.
  var beginsRow = false
  /// For those who change words.
  private var oldWords: [Range<Int>] = []
  private var oldText: SourcedText
  /// For matches of regular expressions.
  var choices: [PatternChoice] = []

  init(isTracked: Bool) {
    text = SourcedText(isTracked: isTracked)
    oldText = SourcedText(isTracked: isTracked)
  }

  /// Starts anew with the bytes of a text as the one word.
  mutating func begin(_ source: SourcedText, _ range: Range<Int>) {
    text.removeAll()
    text.append(source, range)
    words.removeAll(keepingCapacity: true)
    if !range.isEmpty { words.append(0..<range.count) }
  }

  /// Replaces each word by those that `body` makes of it.
  @inline(__always)
  mutating func splitWords(
    _ body: (Range<Int>, Span<UInt8>, inout [Range<Int>], inout [PatternChoice]) -> Void
  ) {
    swap(&words, &oldWords)
    words.removeAll(keepingCapacity: true)
    let bytes = text.bytes
    var (words, choices) = ([Range<Int>](), [PatternChoice]())
    swap(&words, &self.words)
    swap(&choices, &self.choices)
    for word in oldWords { body(word, bytes.span, &words, &choices) }
    swap(&words, &self.words)
    swap(&choices, &self.choices)
  }

  /// Replaces the text and its words by what `body` writes for each word.
  @inline(__always)
  mutating func rewriteWords(
    _ body: (Range<Int>, SourcedText, inout SourcedText, inout [Range<Int>]) -> Void
  ) {
    swap(&words, &oldWords)
    swap(&text, &oldText)
    words.removeAll(keepingCapacity: true)
    text.removeAll()
    text.reserve(oldText.count + oldText.count / 2)
    for word in oldWords { body(word, oldText, &text, &words) }
  }

  /// Whether a word begins with the first character of the row.
  func beginsRow(_ word: Range<Int>, of text: SourcedText) -> Bool {
    text.isTracked ? text.source(word.lowerBound) == 0 : beginsRow && word.lowerBound == 0
  }
}
