// GPT-2's words:
// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`

/// Finds the ends of the matches of GPT-2's regular expression, each of which begins where the one
/// before it ends.
struct GPT2Scanner {
  private let kinds = ScalarKind.table

  /// The end of the word that begins at `start`.
  @inline(__always)
  func endOfWord(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
    if text[start] == 0x27, let next = endOfSuffix(text, start, end) { return next }
    var position = start
    var found = kind(text, &position, end)
    if found == .space {
      guard text[start] == 0x20, position < end else { return endOfSpaces(text, start, end) }
      found = kind(text, &position, end)
      if found == .space { return endOfSpaces(text, start, end) }
    }
    while position < end {
      var next = position
      guard kind(text, &next, end) == found else { break }
      position = next
    }
    return position
  }

  /// The end of 's, 't, 're, 've, 'm, 'll or 'd; nil for anything else.
  private func endOfSuffix(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> Int? {
    guard start + 1 < end else { return nil }
    let first = text[start + 1]
    switch first {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"):
      return start + 2
    case UInt8(ascii: "r"), UInt8(ascii: "v"), UInt8(ascii: "l"):
      let second = first == UInt8(ascii: "l") ? first : UInt8(ascii: "e")
      return start + 2 < end && text[start + 2] == second ? start + 3 : nil
    default: return nil
    }
  }

  /// White space, without its last character if a word follows and there are several.
  private func endOfSpaces(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
    var (position, last) = (start, start)
    while position < end {
      var next = position
      guard kind(text, &next, end) == .space else { break }
      (last, position) = (position, next)
    }
    return position == end || last == start ? position : last
  }

  /// Of the character at `position`, which moves past it.
  @inline(__always)
  private func kind(_ text: Span<UInt8>, _ position: inout Int, _ end: Int) -> Kind {
    let kind = kinds.of(decodeScalar(text, at: &position, end: end))
    if !kind.isDisjoint(with: .letter) { return .letter }
    if kind.contains(.whitespace) { return .space }
    return kind.isDisjoint(with: .number) ? .other : .number
  }

  /// What the expression asks about a character.
  private enum Kind { case letter, number, space, other }
}
