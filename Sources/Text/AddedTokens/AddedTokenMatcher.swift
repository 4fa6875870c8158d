// Finding added tokens in a text, as Hugging Face's `AddedVocabulary` does: leftmost first, of
// those that begin at one place the longest.

/// The added tokens that are searched together: in the text as written, or after the clean-up.
struct AddedTokenMatcher: Sendable {
  /// A token found: `id` replaces `text[start..<end]`.
  struct Match {
    var id: Int32
    var start: Int
    var end: Int
  }

  private struct Pattern {
    var id: Int32
    var token: AddedToken
  }

  private let patterns: [Pattern]
  /// The numbers of the patterns by their bytes.
  private let places: ByteTrie
  private let startsPattern: [Bool]
  private let classes: [CharacterClass]

  /// Whether there is nothing to find.
  var isEmpty: Bool { patterns.isEmpty }

  /// A matcher of tokens by the bytes that stand for them. Empty ones are passed over.
  init(_ tokens: [(bytes: [UInt8], id: Int32, token: AddedToken)]) {
    let used = tokens.filter { !$0.bytes.isEmpty }
    patterns = used.map { Pattern(id: $0.id, token: $0.token) }
    var (places, startsPattern) = (ByteTrie(), Array(repeating: false, count: 256))
    for (place, pattern) in used.enumerated() {
      places.insert(pattern.bytes, Int32(place))
      startsPattern[Int(pattern.bytes[0])] = true
    }
    self.places = places
    self.startsPattern = startsPattern
    classes = CharacterClass.table
  }

  /// The first token of a text from `start` on. White space before that belongs to an earlier
  /// match.
  func firstMatch(in text: Span<UInt8>, from start: Int) -> Match? {
    if patterns.isEmpty { return nil }
    var position = start
    while position < text.count {
      guard startsPattern[Int(text[position])],
        let longest = places.longestPrefix(of: text, position)
      else {
        position += 1
        continue
      }
      let pattern = patterns[Int(longest.value)]
      let found = position..<longest.end
      if !pattern.token.singleWord || isSingleWord(found, text) {
        return match(pattern, found, text, from: start)
      }
      position = found.upperBound
    }
    return nil
  }

  /// The match of a pattern that was found, with the white space that it strips from `start` on.
  private func match(
    _ pattern: Pattern, _ found: Range<Int>, _ text: Span<UInt8>, from start: Int
  ) -> Match {
    var match = Match(id: pattern.id, start: found.lowerBound, end: found.upperBound)
    while pattern.token.stripsLeft, match.start > start {
      let previous = decodeScalar(text, before: match.start)
      guard classes.of(previous.scalar).contains(.whitespace), previous.start >= start
      else { break }
      match.start = previous.start
    }
    while pattern.token.stripsRight, match.end < text.count {
      var next = match.end
      guard
        classes.of(decodeScalar(text, at: &next, end: text.count)).contains(.whitespace)
      else { break }
      match.end = next
    }
    return match
  }

  private func isSingleWord(_ found: Range<Int>, _ text: Span<UInt8>) -> Bool {
    if found.lowerBound > 0,
      isWordCharacter(decodeScalar(text, before: found.lowerBound).scalar)
    {
      return false
    }
    var next = found.upperBound
    return next == text.count || !isWordCharacter(decodeScalar(text, at: &next, end: text.count))
  }

  /// A character that regular expressions call `\w`.
  private func isWordCharacter(_ scalar: UInt32) -> Bool {
    ScalarKind.table.of(scalar).contains(.word)
  }
}
