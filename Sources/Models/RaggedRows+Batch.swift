import Data
import Kernels

extension RaggedRows {
  /// The rows of a batch with their keys.
  init(_ batch: Batch) {
    self.init(
      offsets: batch.offsets, keys: batch.keys.map { UInt32(truncatingIfNeeded: $0) })
  }

  /// The rows of a batch, one vector each, with their keys.
  init(singleRowsOf batch: Batch) {
    self.init(
      offsets: Array(0...batch.rowCount),
      keys: batch.keys.map { UInt32(truncatingIfNeeded: $0) })
  }

  /// The same rows as single vectors: their first tokens, or what pooling made of them.
  var singleTokens: RaggedRows {
    RaggedRows(offsets: Array(0...count), keys: keys)
  }
}
