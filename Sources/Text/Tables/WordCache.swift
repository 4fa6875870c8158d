/// Words met before, with their token ids. Bounded: when it is full it starts anew.
struct WordCache: Sendable {
  /// The longest word, in bytes, that is kept.
  private static let longestWord = 64
  private static let wordLimit = 1 << 16

  private var words = ByteStringTable()
  /// The ids of all words, end to end, and where those of each word end.
  private var ids: [Int32] = []
  private var ends: [Int] = []

  /// Appends the ids of the word `text[range]`; false if it is not known.
  @inline(__always)
  func append(_ text: Span<UInt8>, _ range: Range<Int>, to output: inout [Int32]) -> Bool {
    guard range.count <= Self.longestWord, let word = words.index(of: text, range) else {
      return false
    }
    for place in (word == 0 ? 0 : ends[word - 1])..<ends[word] { output.append(ids[place]) }
    return true
  }

  /// Keeps the ids from `start` on for a word that is not known.
  mutating func insert(_ text: Span<UInt8>, _ range: Range<Int>, _ output: [Int32], from start: Int)
  {
    guard range.count <= Self.longestWord else { return }
    if words.count == Self.wordLimit { self = WordCache() }
    _ = words.intern(text, range)
    ids.append(contentsOf: output[start...])
    ends.append(ids.count)
  }
}
