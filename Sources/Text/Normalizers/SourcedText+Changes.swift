extension SourcedText {
  /// What the ASCII table of `changeStretches` has for a byte that goes.
  static let removed: UInt8 = 0xFF

  /// Writes the text with its ASCII bytes and the other characters changed. Characters beyond ASCII
  /// are given to `change` a stretch at a time, with the ASCII character before it if
  /// `needsNeighbors`.
  @inline(__always)
  func changeStretches(
    _ output: inout SourcedText, needsNeighbors: Bool, ascii: [UInt8],
    change: (inout [PlacedScalar]) -> Void
  ) {
    let text = bytes.span
    var position = 0
    while position < text.count {
      let byte = text[position]
      let isLast = position + 1 == text.count
      if byte < 0x80, !needsNeighbors || isLast || text[position + 1] < 0x80 {
        let changed = ascii[Int(byte)]
        if changed != Self.removed { output.append(changed, source: source(position)) }
        position += 1
        continue
      }
      var end = position + 1
      while end < text.count && text[end] >= 0x80 { end += 1 }
      var stretch = scalars(position..<end)
      change(&stretch)
      for placed in stretch { output.append(placed) }
      position = end
    }
  }

  /// The bytes without the white space at the ends.
  func withoutSpace(left: Bool, right: Bool) -> Range<Int> {
    let text = bytes.span
    let classes = CharacterClass.table
    var (start, end) = (0, text.count)
    while right && end > 0 {
      let last = decodeScalar(text, before: end)
      guard classes.of(last.scalar).contains(.whitespace) else { break }
      end = last.start
    }
    while left && start < end {
      var next = start
      guard classes.of(decodeScalar(text, at: &next, end: end)).contains(.whitespace) else { break }
      start = next
    }
    return start..<end
  }
}
