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
    var bytes: [UInt8]
    var id: Int32
    var token: AddedToken
  }

  /// Longest first.
  private let patterns: [Pattern]
  private let startsPattern: [Bool]
  private let classes: [CharacterClass]

  /// Whether there is nothing to find.
  var isEmpty: Bool { patterns.isEmpty }

  /// A matcher of tokens by the bytes that stand for them. Empty ones are passed over.
  init(_ tokens: [(bytes: [UInt8], id: Int32, token: AddedToken)]) {
    let used = tokens.filter { !$0.bytes.isEmpty }
    patterns = used.map { Pattern(bytes: $0.bytes, id: $0.id, token: $0.token) }
      .sorted { $0.bytes.count > $1.bytes.count }
    var startsPattern = Array(repeating: false, count: 256)
    for pattern in patterns { startsPattern[Int(pattern.bytes[0])] = true }
    self.startsPattern = startsPattern
    classes = CharacterClass.table
  }

  /// The first token in `text[position..<end]`, looking for context no further than
  /// `text[start..<end]`. White space before `free` belongs to an earlier match.
  func firstMatch(
    in text: Span<UInt8>, from position: Int, free: Int, start: Int, end: Int
  ) -> Match? {
    if patterns.isEmpty { return nil }
    var position = position
    while position < end {
      if startsPattern[Int(text[position])],
        let pattern = patterns.first(where: { matches($0.bytes, text, position, end) })
      {
        let stop = position + pattern.bytes.count
        if !pattern.token.singleWord || isSingleWord(text, position, stop, start, end) {
          return match(pattern, text, position, stop, max(free, start), end)
        }
        position = stop
      } else {
        position += 1
      }
    }
    return nil
  }

  private func matches(_ bytes: [UInt8], _ text: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
    guard start + bytes.count <= end else { return false }
    for index in bytes.indices where bytes[index] != text[start + index] { return false }
    return true
  }

  private func match(
    _ pattern: Pattern, _ text: Span<UInt8>, _ start: Int, _ stop: Int, _ free: Int, _ end: Int
  ) -> Match {
    var match = Match(id: pattern.id, start: start, end: stop)
    while pattern.token.stripsLeft, match.start > free {
      let previous = decodeScalar(text, before: match.start)
      guard classes.of(previous.scalar).contains(.whitespace), previous.start >= free else { break }
      match.start = previous.start
    }
    while pattern.token.stripsRight, match.end < end {
      var next = match.end
      guard classes.of(decodeScalar(text, at: &next, end: end)).contains(.whitespace) else { break }
      match.end = next
    }
    return match
  }

  private func isSingleWord(
    _ text: Span<UInt8>, _ position: Int, _ stop: Int, _ start: Int, _ end: Int
  ) -> Bool {
    if position > start, isWordCharacter(decodeScalar(text, before: position).scalar) {
      return false
    }
    var next = stop
    return stop == end || !isWordCharacter(decodeScalar(text, at: &next, end: end))
  }

  /// A character that regular expressions call `\w`: Unicode Technical Standard 18, annex C.
  private func isWordCharacter(_ scalar: UInt32) -> Bool {
    guard let properties = Unicode.Scalar(scalar)?.properties else { return false }
    switch properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation:
      return true
    default:
      return properties.isAlphabetic || properties.isJoinControl
    }
  }
}
