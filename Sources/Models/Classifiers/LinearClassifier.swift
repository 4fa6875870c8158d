// A model that reads words alone: a bias for each label, and the linear part.

import Data
import Kernels
import Memory

/// A linear multi-label classifier on the features of a text's words.
public final class LinearClassifier: Classifier {
  /// One bucket: the biases.
  public let layout: ParameterLayout
  /// The biases.
  public let store: ParameterStore
  /// The weights.
  public let linear: LinearPart
  /// The linear part.
  public var shardedPart: (any ShardedPart)? { linear }
  /// L.
  public var labelCount: Int { bias.count }

  /// One a label.
  public let bias: Vector<Float>

  /// A model of those weights, with biases of zero.
  public init(_ linear: LinearPart) {
    var layout = ParameterLayout()
    layout.append(
      "biases", part: { _ in .classifier }, groups: [[(Self.biasName, [linear.labelCount])]])
    let store = ParameterStore(count: layout.count)
    self.layout = layout
    self.store = store
    self.linear = linear
    bias = store.buffer[layout.slots[0].range]
  }

  /// The name of the biases' tensor.
  static let biasName = "classifier.bias"

  /// Sets the biases, one a label.
  public func setBias(_ values: [Float]) { bias.copy(from: values) }

  /// Nothing is prepared.
  public var preparedSize: Int { 0 }
  /// Nothing is prepared.
  public func prepareParameters(ofBucket bucket: Int) {}

  /// The memory of a training pass.
  public func begin(_ batch: Batch, at key: RandomKey, in workspace: Workspace) -> LinearPass {
    LinearPass(LogitMemory(rows: batch.rowCount, labels: labelCount, workspace))
  }

  /// Takes what `begin` does.
  public func reservePass(tokens: Int, rows: Int, in workspace: Workspace) {
    _ = LogitMemory(rows: rows, labels: labelCount, workspace)
  }

  /// Passes take nothing besides.
  public func reserveTemporaries(tokens: Int, rows: Int, in workspace: Workspace) {}

  /// The biases; `completeLogits` adds the rest.
  public func forward(_ pass: LinearPass, bucket: Int) { fillWithBias(pass.logits) }

  /// The gradient of the biases: the sum over rows.
  public func backward(_ pass: LinearPass, bucket: Int, gradient: Vector<Float>) {
    let gradient = gradient[0..<labelCount]
    gradient.fill(0)
    addColumnSums(of: pass.logitGradients, into: gradient)
  }

  /// Never asked for: there is no table of embeddings.
  public func backward(_ pass: LinearPass, rows gradient: SparseRowsBuffer) {
    preconditionFailure("a linear model has no embeddings")
  }

  /// Takes what `logits` does.
  public func reserveLogits(tokens: Int, rows: Int, in workspace: Workspace) {
    _ = workspace.matrix(rows, labelCount)
  }

  /// Biases and linear part.
  public func logits(_ batch: Batch, in workspace: Workspace) -> Matrix<Float> {
    precondition(store.isComplete, "parameters are read that have not been gathered")
    let logits = workspace.matrix(batch.rowCount, labelCount)
    fillWithBias(logits)
    linear.add(batch.tfidf, to: logits)
    return logits
  }

  private func fillWithBias(_ logits: Matrix<Float>) {
    for row in 0..<logits.rows { logits.row(row).copy(from: bias) }
  }
}

/// One microbatch on its way through a linear model.
public final class LinearPass: ClassifierPass {
  /// `[B, L]`
  public let logits: Matrix<Float>
  /// `[B, L]`
  public let logitGradients: Matrix<Float>

  init(_ logits: LogitMemory) { (self.logits, logitGradients) = (logits.values, logits.gradients) }
}
