// Which labels of a linear part each rank trains: whole blocks, as many for each rank as for any
// other, or one more.

import Kernels

/// The blocks of labels, shared out over the ranks.
struct LabelShard {
  let labelCount: Int
  let ranks: Int

  /// Blocks of `labelBlockWidth` labels; the last may have fewer.
  var blockCount: Int { (labelCount + labelBlockWidth - 1) / labelBlockWidth }

  /// The blocks that a rank trains.
  func blocks(ofRank rank: Int) -> Range<Int> {
    blockCount * rank / ranks..<blockCount * (rank + 1) / ranks
  }

  /// The labels of a block.
  func labels(ofBlock block: Int) -> Range<Int> {
    block * labelBlockWidth..<min((block + 1) * labelBlockWidth, labelCount)
  }
}
