// The state of a linear part's training in a checkpoint: its weights block by block, not cut off,
// and their scale. Any number of ranks reads what any other has written.

import Memory
import Storage

extension LinearTraining {
  private static func name(ofBlock block: Int) -> String { "linear.block.\(block)" }
  private static let scaleName = "linear.scale"

  /// Adds the rank's blocks to the file of its shards.
  func addState(to writer: inout SafetensorsWriter) {
    for (values, block) in zip(blocks, shape.labels.blocks(ofRank: rank)) {
      writer.add(Self.name(ofBlock: block), shape: [values.rows, values.columns], values.vector)
    }
    writer.add(Self.scaleName, shape: [1], Vector([scale]))
  }

  /// Reads the rank's blocks from the files of a checkpoint. Throws `StorageError` and `FileError`.
  func readState(from source: TensorSource) throws {
    for (values, block) in zip(blocks, shape.labels.blocks(ofRank: rank)) {
      try source.copy(
        Self.name(ofBlock: block), shape: [values.rows, values.columns], into: values.vector)
    }
    let stored = Vector<Float>(zeros: 1)
    try source.copy(Self.scaleName, shape: [1], into: stored)
    scale = stored[0]
  }
}
