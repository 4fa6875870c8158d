/// The longest piece that fits, then the longest that goes on, and so forth (Schuster and Nakajima
/// 2012). A word that cannot be spelled so to its end is one unknown token.
struct WordPieceModel: Sendable {
  /// Pieces that begin a word, and pieces that go on with one, without their prefix.
  private let initialPieces: PieceTable
  private let continuations: PieceTable
  private let unknownID: Int32
  /// A word of more characters is unknown.
  private let maximumCharacters: Int

  init(
    initial: PieceTable, continuations: PieceTable, unknownID: Int32, maximumCharacters: Int
  ) {
    initialPieces = initial
    self.continuations = continuations
    self.unknownID = unknownID
    self.maximumCharacters = maximumCharacters
  }

  /// A model of a vocabulary whose continuations begin with `prefix`.
  init(_ vocabulary: Vocabulary, prefix: [UInt8], unknownID: Int32, maximumCharacters: Int) {
    let pieces = vocabulary.pieces
    self.init(
      initial: PieceTable(pieces.map { ($0.bytes[...], $0.id) }),
      continuations: PieceTable(
        pieces.filter { $0.bytes.starts(with: prefix) }
          .map { ($0.bytes.dropFirst(prefix.count), $0.id) }),
      unknownID: unknownID, maximumCharacters: maximumCharacters)
  }

  /// Appends the ids of the pieces of the word `text[start..<end]`.
  func append(_ text: Span<UInt8>, _ start: Int, _ end: Int, to ids: inout [Int32]) {
    if end - start > maximumCharacters, characterCount(text, start, end) > maximumCharacters {
      ids.append(unknownID)
      return
    }
    if let id = initialPieces.id(of: text, start, end) {
      ids.append(id)
      return
    }
    let count = ids.count
    var piece = initialPieces.longestPrefix(of: text, start, end)
    while let found = piece {
      ids.append(found.id)
      if found.end == end { return }
      piece = continuations.longestPrefix(of: text, found.end, end)
    }
    ids.removeLast(ids.count - count)
    ids.append(unknownID)
  }

  private func characterCount(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
    var count = 0
    for position in start..<end where text[position] & 0xC0 != 0x80 { count += 1 }
    return count
  }
}
