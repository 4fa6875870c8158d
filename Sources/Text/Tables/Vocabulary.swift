/// One entry of a vocabulary. Bytes, not a String: Swift holds canonically equivalent strings for
/// equal, and multilingual vocabularies tell them apart.
struct Piece: Hashable {
  var bytes: [UInt8]
  var id: Int32
}

/// Pieces with their ids; of two with the same bytes the later one counts.
struct Vocabulary {
  /// In the order of the file.
  let pieces: [Piece]
  private let ids: [[UInt8]: Int32]

  init(pieces: [Piece]) {
    self.pieces = pieces
    ids = Dictionary(pieces.map { ($0.bytes, $0.id) }, uniquingKeysWith: { $1 })
  }

  /// The number of different pieces.
  var count: Int { ids.count }
  var highestID: Int32 { pieces.map(\.id).max() ?? -1 }

  func id(of token: String) -> Int32? { ids[Array(token.utf8)] }

  func id(of token: [UInt8]) -> Int32? { ids[token] }

  /// The pieces that begin words, and those that go on with them, without their `##`.
  func tables() -> (initial: PieceTable, continuation: PieceTable) {
    let prefix = Array("##".utf8)
    let initial = pieces.filter { !$0.bytes.starts(with: prefix) }
    let continuation = pieces.filter { $0.bytes.starts(with: prefix) }
    // `#` is punctuation and so a word of its own: no word of two begins with it.
    return (
      PieceTable(initial.map { ($0.bytes[...], $0.id) }),
      PieceTable(continuation.map { ($0.bytes.dropFirst(2), $0.id) })
    )
  }
}
