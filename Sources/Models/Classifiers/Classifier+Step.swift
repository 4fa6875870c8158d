// What those who train, evaluate and save a model do with it, whatever it is made of.

import Data
import Kernels
import Memory
import Storage

extension Classifier {
  /// Completes the logits of a step after the last bucket's forward pass. Collective.
  /// - Parameter passes: of this rank's microbatches.
  public func completeLogits(_ passes: [Pass], of step: StepBatch) throws {
    try shardedPart?.forward(step, logits: passes.map(\.logits))
  }

  /// Hands the gradients of a step's logits to what is not in buckets, before the backward pass of
  /// the last bucket. Collective.
  public func beginBackward(_ passes: [Pass]) throws {
    try shardedPart?.backward(logitGradients: passes.map(\.logitGradients))
  }

  /// Reads all weights of a saved model of the same layout. Throws the errors of reading.
  public func loadWeights(from directory: String) throws {
    let source = try TensorSource(directory: directory)
    for slot in layout.slots {
      try source.copy(slot.name, shape: slot.shape, into: parameters[slot.range])
    }
    try shardedPart?.load(from: directory)
  }

  /// A copy of all weights.
  public func snapshot() -> ModelSnapshot {
    let copy = Vector<Float>(zeros: parameters.count)
    copy.copy(from: parameters)
    return ModelSnapshot(parameters: copy, sharded: shardedPart?.weights)
  }

  /// Takes the weights of a snapshot.
  public func restore(_ snapshot: ModelSnapshot) {
    parameters.copy(from: snapshot.parameters)
    shardedPart?.weights = snapshot.sharded
  }
}

/// All weights of a model at some time.
public struct ModelSnapshot {
  /// Those of its layout.
  public let parameters: Vector<Float>
  /// Those of its sharded part.
  public let sharded: SparseMatrix?
}
