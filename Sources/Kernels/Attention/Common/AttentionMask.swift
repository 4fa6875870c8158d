import CVector
import Memory

/// What dropout keeps of the probabilities of a block of queries: a bit each, 16 keys in a word. A
/// query's line is whole words; the head's mask is one sequence of such lines.
struct AttentionMask {
  /// What kept probabilities are multiplied by.
  let scale: Float
  private let dropout: Dropout?
  private let words: UnsafeMutablePointer<UInt16>

  /// - Parameter words: `wordCount` of them. If there is no dropout all is kept as it is.
  init(_ dropout: Dropout?, words: UnsafeMutablePointer<UInt16>, wordCount: Int) {
    self.dropout = dropout
    self.words = words
    scale = dropout?.scale ?? 1
    if dropout == nil { words.update(repeating: .max, count: wordCount) }
  }

  /// Words of the masks of rows of up to `longestRow` tokens. Whole tiles are read beyond the
  /// last query's keys.
  static func wordCount(longestRow: Int) -> Int {
    let line = roundUp(max(longestRow, 1), laneCount)
    return (roundUp(queryBlock * line, maskBlock) + maskBlock) / laneCount
  }

  /// Takes the block of queries that begins at `block`.
  func fill(_ head: AttentionHead, block: Int) {
    guard let dropout else { return }
    let line = Self.wordsOfLine(head) * laneCount
    let ofHead = roundUp(head.tokens * line, maskBlock) / maskBlock
    let first = head.index * ofHead + block * line / maskBlock
    let count = roundUp(head.queries(in: block) * line, maskBlock) / maskBlock
    dropout.fill(words, blocks: first..<first + count, row: head.key)
  }

  private static func wordsOfLine(_ head: AttentionHead) -> Int {
    (head.lineTokens + laneCount - 1) / laneCount
  }

  /// The line of a query, by its number in the block.
  @inline(__always)
  func line(_ query: Int, _ head: AttentionHead) -> UnsafePointer<UInt16> {
    UnsafePointer(words + query * Self.wordsOfLine(head))
  }
}
