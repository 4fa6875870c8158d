/// A token for each word that is known, and one for all others.
struct WordLevelModel: Sendable {
  private let words: PieceTable
  private let unknownID: Int32

  init(_ vocabulary: Vocabulary, unknownID: Int32) {
    words = PieceTable(vocabulary.pieces.map { ($0.bytes[...], $0.id) })
    self.unknownID = unknownID
  }

  @inline(__always)
  func append(_ text: Span<UInt8>, _ word: Range<Int>, to ids: inout [Int32]) {
    ids.append(words.id(of: text, word.lowerBound, word.upperBound) ?? unknownID)
  }
}
