// Without dropout and in single precision: logits, and the features that a linear probe reads.

import Data
import Kernels
import Memory

extension EncoderClassifier {
  /// Logits `[B, L]`
  public func logits(_ batch: Batch, in workspace: Workspace) -> Matrix<Float> {
    precondition(store.isComplete, "parameters are read that have not been gathered")
    let rows = RaggedRows(batch)
    let logits = workspace.matrix(rows.count, labelCount)
    workspace.temporarily {
      let hidden = encoder.hiddenStates(batch, rows, in: workspace)
      head.forward(hidden, rows, logits: logits, in: workspace)
    }
    linear?.add(batch.tfidf, to: logits)
    return logits
  }

  /// Takes what `logits` does.
  public func reserveLogits(tokens: Int, rows: Int, in workspace: Workspace) {
    _ = workspace.matrix(rows, labelCount)
    encoder.reserveHiddenStates(tokens: tokens, rows: rows, in: workspace)
    head.reserveForward(tokens: tokens, rows: rows, in: workspace)
  }

  /// The features `[B, H]`
  public func features(_ batch: Batch, in workspace: Workspace) -> Matrix<Float> {
    precondition(store.isComplete, "parameters are read that have not been gathered")
    let rows = RaggedRows(batch)
    let features = workspace.matrix(rows.count, configuration.hiddenSize)
    workspace.temporarily {
      head.pool(
        encoder.hiddenStates(batch, rows, in: workspace), rows, features: features, in: workspace)
    }
    return features
  }

  /// A hash of all that features depend on.
  public var encoderFingerprint: UInt64 {
    let end = layout.buckets[layout.buckets.count - 1].range.lowerBound
    return Data.encoderFingerprint(
      parameters[0..<end], "\(options.pooling) \(encoder.constants)")
  }
}
