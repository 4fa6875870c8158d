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
  public let linear: LinearPart?
  /// L.
  public var labelCount: Int { bias.count }

  /// One a label.
  public let bias: Vector<Float>

  /// Zero weights and biases.
  public init(featureCount: Int, labelCount: Int) {
    var layout = ParameterLayout()
    layout.append(
      "biases", isHead: { _ in true }, groups: [[(Self.biasName, [labelCount])]])
    let store = ParameterStore(count: layout.count)
    self.layout = layout
    self.store = store
    linear = LinearPart(featureCount: featureCount, labelCount: labelCount)
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

  /// Floats of the logits and their gradients.
  public func passSize(tokens: Int, rows: Int) -> Int {
    2 * Workspace.size(of: rows * labelCount)
  }

  /// None.
  public func temporarySize(tokens: Int, rows: Int) -> Int { 0 }

  /// Floats of the logits.
  public func evaluationSize(tokens: Int, rows: Int) -> Int {
    Workspace.size(of: rows * labelCount)
  }

  /// The memory of a training pass.
  public func begin(
    _ batch: Batch, at moment: RandomKey, in workspace: Workspace
  ) -> LinearPass {
    LinearPass(batch, labelCount: labelCount, workspace)
  }

  /// The biases; whoever trains the linear part adds its logits.
  public func forward(
    _ pass: LinearPass, bucket: Int, progress: () throws -> Void
  ) rethrows {
    fillWithBias(pass.logits)
    try progress()
  }

  /// The gradient of the biases: the sum over rows.
  public func backward(
    _ pass: LinearPass, bucket: Int, gradient: Vector<Float>, in workspace: Workspace,
    progress: () throws -> Void
  ) rethrows {
    let gradient = gradient[0..<labelCount]
    gradient.fill(0)
    addColumnSums(of: pass.logitGradients, into: gradient)
    try progress()
  }

  /// Never asked for: there is no table of embeddings.
  public func backward(_ pass: LinearPass, bucket: Int, rows gradient: SparseRowsBuffer) {
    preconditionFailure("a linear model has no embeddings")
  }

  /// Biases and linear part.
  public func logits(_ batch: Batch, in workspace: Workspace) -> Matrix<Float> {
    precondition(store.isComplete, "parameters are read that have not been gathered")
    let logits = workspace.matrix(batch.rowCount, labelCount)
    fillWithBias(logits)
    linear?.add(batch.wordFeatures, to: logits)
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

  init(_ batch: Batch, labelCount: Int, _ workspace: Workspace) {
    logits = workspace.matrix(batch.rowCount, labelCount)
    logitGradients = workspace.matrix(batch.rowCount, labelCount)
  }
}
