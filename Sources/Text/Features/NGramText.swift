// The n-grams of a text, with the rules of scikit-learn's `CountVectorizer`.

/// Reads texts one after the other and lists the n-grams of the last, repetitions included.
struct NGramText: Sendable {
  private let settings: NGramSettings
  /// Where the n-grams stand in `bytes`; they overlap.
  private(set) var ranges: [Range<Int>] = []
  /// The names of the n-grams, in UTF-8.
  private(set) var bytes: [UInt8] = []
  private var lowercased: [UInt8] = []
  /// Where the words stand in `bytes`.
  private var words: [Range<Int>] = []

  /// What the names of character n-grams begin with. No word n-gram has a colon.
  static let characterPrefix = Array("char:".utf8)
  private static let blank: UInt8 = 0x20

  init(_ settings: NGramSettings) {
    self.settings = settings
  }

  /// Finds the n-grams of a text.
  mutating func read(_ text: Span<UInt8>) {
    ranges.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: true)
    lowercased.removeAll(keepingCapacity: true)
    LetterKind.lowercase(text, into: &lowercased)
    readWords()
    for first in words.indices {
      let longest = min(settings.wordNGrams.upperBound, words.count - first)
      guard settings.wordNGrams.lowerBound <= longest else { break }
      for count in settings.wordNGrams.lowerBound...longest {
        ranges.append(words[first].lowerBound..<words[first + count - 1].upperBound)
      }
    }
    if let lengths = settings.characterNGrams { readCharacters(lengths) }
  }

  /// Writes the words (`\b\w\w+\b`: two word characters at least) with blanks between them.
  private mutating func readWords() {
    words.removeAll(keepingCapacity: true)
    bytes.reserveCapacity(lowercased.count + 1)
    let kinds = LetterKind.table
    let text = lowercased
    var (position, start, characters) = (0, 0, 0)
    while position < text.count {
      let scalar = decodeScalar(text.span, at: &position, end: text.count)
      if kinds.of(scalar).contains(.word) {
        bytes.appendScalar(scalar)
        characters += 1
      } else if characters > 0 {
        endWord(&start, characters)
        characters = 0
      }
    }
    if characters > 0 { endWord(&start, characters) }
  }

  /// Keeps the word that was written from `start` on, or takes it back if it is one character.
  private mutating func endWord(_ start: inout Int, _ characters: Int) {
    if characters > 1 {
      words.append(start..<bytes.count)
      bytes.append(Self.blank)
    } else {
      bytes.removeLast(bytes.count - start)
    }
    start = bytes.count
  }

  /// `char_wb`: the text between white space with a blank on either side, cut into all n-grams; one
  /// that is not longer than the n-gram is taken once, whole.
  private mutating func readCharacters(_ lengths: ClosedRange<Int>) {
    let kinds = LetterKind.table
    // Where the characters of the padded word begin in `padded`, and the end of the last.
    var starts: [Int] = []
    var padded: [UInt8] = []
    var position = 0
    while position < lowercased.count {
      starts = [0]
      padded = [Self.blank]
      while position < lowercased.count {
        let scalar = decodeScalar(lowercased.span, at: &position, end: lowercased.count)
        if kinds.of(scalar).contains(.whitespace) { break }
        starts.append(padded.count)
        padded.appendScalar(scalar)
      }
      guard starts.count > 1 else { continue }
      starts.append(padded.count)
      padded.append(Self.blank)
      starts.append(padded.count)
      appendNGrams(of: padded, starts: starts, lengths)
    }
  }

  /// Appends the n-grams of one padded word. Those that begin at one character share its bytes.
  private mutating func appendNGrams(
    of word: [UInt8], starts: [Int], _ lengths: ClosedRange<Int>
  ) {
    let count = starts.count - 1
    for first in 0..<count {
      let longest = min(lengths.upperBound, count - first)
      // The whole word stands for all n-grams that would be longer than it.
      let shortest = first == 0 ? min(lengths.lowerBound, count) : lengths.lowerBound
      guard shortest <= longest else { break }
      let name = bytes.count
      bytes += Self.characterPrefix
      let begin = bytes.count - starts[first]
      bytes += word[starts[first]..<starts[first + longest]]
      for length in shortest...longest {
        ranges.append(name..<begin + starts[first + length])
      }
    }
  }
}
