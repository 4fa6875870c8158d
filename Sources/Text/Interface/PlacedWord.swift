/// A word of a text, or an added token.
public struct PlacedWord: Sendable, Equatable {
  /// The places of its tokens in the row.
  public let tokens: Range<Int>
  /// Its bytes in the text, as written; nil for special tokens such as [CLS], which stand in none.
  public let bytes: Range<Int>?
  /// The name of a special token that stands in no text; nil for words.
  public let special: String?

  init(tokens: Range<Int>, bytes: Range<Int>) {
    (self.tokens, self.bytes, special) = (tokens, bytes, nil)
  }

  init(special: String, at place: Int) {
    (tokens, bytes, self.special) = (place..<place + 1, nil, special)
  }
}

/// Words found so far, and their token ids.
struct PlacedWords {
  var ids: [Int32] = []
  private(set) var words: [(tokens: Range<Int>, bytes: Range<Int>)] = []

  /// The ids from `start` on are a word.
  mutating func close(from start: Int, bytes: Range<Int>) {
    guard ids.count > start else { return }
    words.append((start..<ids.count, bytes))
  }

  mutating func append(_ id: Int32, bytes: Range<Int>) {
    ids.append(id)
    close(from: ids.count - 1, bytes: bytes)
  }
}
