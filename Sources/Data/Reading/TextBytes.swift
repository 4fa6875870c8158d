import Memory

/// Keeps the texts themselves in the place of token ids, for models that count words: the number of
/// bytes, then the UTF-8 bytes, four to an Int32, the first in the lowest bits, the last filled up
/// with zeros. `StoredRows.withText` gives them back.
public struct TextBytes: TokenEncoder {
  /// The encoder.
  public init() {}

  /// The name and version of this form.
  public var identity: String { "text bytes 1" }

  /// Appends the packed text. All of it whatever `maxLength` says: that counts tokens, and a cut in
  /// the middle of a text would change what it is about.
  public func encode(utf8 text: Span<UInt8>, maxLength: Int, into ids: inout [Int32]) {
    guard let count = Int32(exactly: text.count) else {
      preconditionFailure("a text of \(text.count) bytes")
    }
    ids.append(count)
    var word: UInt32 = 0
    for position in 0..<text.count {
      word |= UInt32(text[position]) << UInt32(8 * (position % 4))
      if position % 4 == 3 || position == text.count - 1 {
        ids.append(Int32(bitPattern: word))
        word = 0
      }
    }
  }
}

extension StoredRows {
  /// Lends the UTF-8 bytes of a row's text, which `TextBytes` encoded. That another encoder made
  /// the row is a mistake of the program and stops it, unless the row looks like a text by chance;
  /// no byte beyond the row is read in any case.
  public func withText<Result, Thrown: Error>(
    _ row: Int, _ body: (Span<UInt8>) throws(Thrown) -> Result
  ) throws(Thrown) -> Result {
    let words = tokens[Int(offsets[row])..<Int(offsets[row + 1])]
    let count = words.count > 0 ? Int(words[0]) : -1
    precondition(
      count >= 0 && words.count == 1 + (count + 3) / 4, "row \(row) does not hold a text")
    // Numbers lie in memory with the lowest byte first on every supported machine.
    return try words.bytes[4..<4 + count].withSpan(body)
  }
}
