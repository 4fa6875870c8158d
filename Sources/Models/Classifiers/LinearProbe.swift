// A linear classifier on the features of a frozen encoder, which never change: they are computed
// once, and training begins there. Devlin et al. 2019, section 5.3, call this
// the feature-based approach.
//
// B rows, H hidden size, L labels.

import Data
import Kernels
import Memory

/// A linear classifier on the features of rows, with the encoder that made them.
public final class LinearProbe: Classifier {
  /// The whole model, as it is saved; all but its classifier is frozen.
  public let model: EncoderClassifier
  private let classifier: DenseClassifier

  /// The classifier of `model`, whose layout freezes everything else.
  public init(_ model: EncoderClassifier) {
    precondition(model.layout.buckets.dropLast().allSatisfy(\.isFrozen))
    guard let probe = model.head.probe else {
      preconditionFailure("the head reads all hidden states: there are no features to keep")
    }
    self.model = model
    classifier = probe
  }

  /// That of the model: the encoder's parameters lie below the classifier's.
  public var layout: ParameterLayout { model.layout }
  /// All parameters, those of the encoder included.
  public var store: ParameterStore { model.store }
  /// L.
  public var labelCount: Int { model.labelCount }
  /// The model's.
  public var shardedPart: (any ShardedPart)? { model.linear }

  /// The index of the classifier's bucket.
  private var bucket: Int { layout.buckets.count - 1 }
  private var hiddenSize: Int { model.configuration.hiddenSize }

  /// Floats of the classifier's rounded weights.
  public var preparedSize: Int { classifier.weights.copySize }

  /// Rounds the classifier's weights if products read them rounded.
  public func prepareParameters(ofBucket bucket: Int) {
    if bucket == self.bucket { classifier.weights.round() }
  }

  /// The memory of a training pass.
  public func begin(_ batch: Batch, at key: RandomKey, in workspace: Workspace) -> ProbePass {
    ProbePass(
      batch, key, input: input(rows: batch.rowCount, in: workspace), workspace,
      logits: LogitMemory(rows: batch.rowCount, labels: labelCount, workspace))
  }

  /// Memory for what the classifier reads in training. `[B, H]`
  private func input(rows: Int, in workspace: Workspace) -> MixedPrecisionMatrix {
    MixedPrecisionMatrix(classifier.weights.precision, rows, hiddenSize, in: workspace)
  }

  /// Takes what `begin` does.
  public func reservePass(tokens: Int, rows: Int, in workspace: Workspace) {
    _ = input(rows: rows, in: workspace)
    _ = LogitMemory(rows: rows, labels: labelCount, workspace)
  }

  /// Takes what the backward pass does.
  public func reserveTemporaries(tokens: Int, rows: Int, in workspace: Workspace) {
    classifier.reserveBackward(rows: rows, passesGradient: false, in: workspace)
  }

  /// Logits with dropout of the features; other buckets have nothing to do.
  public func forward(_ pass: ProbePass, bucket: Int) {
    guard bucket == self.bucket else { return }
    classifier.forward(
      features(of: pass.batch), pass.rows, pass.key, input: pass.input, logits: pass.logits)
  }

  /// The gradient of the classifier, the only one that there is.
  public func backward(_ pass: ProbePass, bucket: Int, gradient: Vector<Float>) {
    precondition(bucket == self.bucket, "the encoder is frozen")
    let reader = SlotReader(
      layout, bucket: bucket, base: gradient, origin: layout.buckets[bucket].range.lowerBound)
    classifier.backward(
      pass.input,
      DenseGradients(logits: pass.logitGradients, parameters: DenseParameters(reader)),
      pass.workspace)
  }

  /// Never asked for: the table of words is frozen.
  public func backward(_ pass: ProbePass, rows gradient: SparseRowsBuffer) {
    preconditionFailure("the encoder is frozen")
  }

  /// Logits without dropout, in single precision.
  public func logits(_ batch: Batch, in workspace: Workspace) -> Matrix<Float> {
    precondition(store.isComplete, "parameters are read that have not been gathered")
    let logits = workspace.matrix(batch.rowCount, labelCount)
    workspace.temporarily {
      classifier.forward(
        features(of: batch), RaggedRows(singleRowsOf: batch), nil,
        input: MixedPrecisionMatrix(.float32, batch.rowCount, hiddenSize, in: workspace),
        logits: logits)
    }
    model.linear?.add(batch.tfidf, to: logits)
    return logits
  }

  /// Takes what `logits` does.
  public func reserveLogits(tokens: Int, rows: Int, in workspace: Workspace) {
    _ = workspace.matrix(rows, labelCount)
    _ = workspace.matrix(rows, hiddenSize)
  }

  private func features(of batch: Batch) -> Matrix<Float> {
    guard let features = batch.features else {
      preconditionFailure("the rows have no features of the encoder")
    }
    return features
  }
}

/// One microbatch on its way through the classifier.
public final class ProbePass: ClassifierPass {
  let batch: Batch
  let key: RandomKey
  /// One vector each.
  let rows: RaggedRows
  /// What the classifier read. `[B, H]`
  let input: MixedPrecisionMatrix
  let workspace: Workspace
  /// `[B, L]`
  public let logits: Matrix<Float>
  /// `[B, L]`
  public let logitGradients: Matrix<Float>

  init(
    _ batch: Batch, _ key: RandomKey, input: MixedPrecisionMatrix, _ workspace: Workspace,
    logits: LogitMemory
  ) {
    (self.batch, self.key, self.input, self.workspace) = (batch, key, input, workspace)
    rows = RaggedRows(singleRowsOf: batch)
    (self.logits, logitGradients) = (logits.values, logits.gradients)
  }
}
