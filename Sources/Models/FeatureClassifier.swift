// A BERT whose encoder is frozen: the vector that it makes of a row never changes, so it is computed
// once, and training begins there. Devlin et al. 2019, section 5.3, call this the feature-based approach.
//
// B rows, H hidden, L labels.

import Data
import Kernels
import Memory

/// A linear classifier on the features of rows, with the encoder that made them.
public final class FeatureClassifier: Classifier {
  /// The whole model, as it is saved; all but its classifier is frozen.
  public let encoder: BertClassifier

  /// The classifier of `encoder`, whose layout freezes everything else.
  public init(_ encoder: BertClassifier) {
    precondition(encoder.layout.buckets.dropLast().allSatisfy(\.isFrozen))
    self.encoder = encoder
  }

  /// That of the encoder: its parameters lie below the classifier's.
  public var layout: ParameterLayout { encoder.layout }
  /// All parameters, those of the encoder included.
  public var store: ParameterStore { encoder.store }
  /// L.
  public var labelCount: Int { encoder.labelCount }

  /// The encoder's.
  public var linear: LinearPart? { encoder.linear }

  /// The index of the classifier's bucket.
  private var classifier: Int { layout.buckets.count - 1 }
  private var head: BertHead { encoder.head }
  private var hiddenSize: Int { encoder.configuration.hiddenSize }
  private var precision: ProductPrecision { encoder.precision }

  /// Floats of the classifier's rounded weights.
  public var preparedSize: Int {
    MixedPrecisionMatrix.copySize(precision, of: head.weights.values.vector.count)
  }

  /// Rounds the classifier's weights where products read them rounded.
  public func prepareParameters(ofBucket bucket: Int) {
    if bucket == classifier { head.weights.round() }
  }

  /// Floats that a training pass keeps.
  public func passSize(tokens: Int, rows: Int) -> Int {
    MixedPrecisionMatrix.size(precision, of: rows * hiddenSize)
      + 2 * Workspace.size(of: rows * labelCount)
  }

  /// Floats that its backward pass takes for a while.
  public func temporarySize(tokens: Int, rows: Int) -> Int {
    MixedPrecisionMatrix.copySize(precision, of: rows * labelCount)
  }

  /// Floats that `logits` takes.
  public func evaluationSize(tokens: Int, rows: Int) -> Int {
    Workspace.size(of: rows * hiddenSize) + Workspace.size(of: rows * labelCount)
  }

  /// The memory of a training pass.
  public func begin(
    _ batch: Batch, at moment: RandomKey, in workspace: Workspace
  ) -> FeaturePass {
    FeaturePass(
      batch, moment,
      classified: MixedPrecisionMatrix(precision, batch.rowCount, hiddenSize, in: workspace),
      labelCount: labelCount, workspace)
  }

  /// Logits with dropout of the features; other buckets have nothing to do.
  public func forward(
    _ pass: FeaturePass, bucket: Int, progress: () throws -> Void
  ) rethrows {
    guard bucket == classifier else { return }
    head.classify(
      features(of: pass.batch), pass.rows, pass.moment, classified: pass.classified,
      logits: pass.logits)
    try progress()
  }

  /// The gradient of the classifier, the only one that there is.
  public func backward(
    _ pass: FeaturePass, bucket: Int, gradient: Vector<Float>, in workspace: Workspace,
    progress: () throws -> Void
  ) rethrows {
    precondition(bucket == classifier, "the encoder is frozen")
    let reader = SlotReader(
      layout, bucket: bucket, base: gradient, origin: layout.buckets[bucket].range.lowerBound)
    head.classifierBackward(
      logitGradients: pass.logitGradients, classified: pass.classified,
      gradients: HeadParameters(reader, pooling: .mean), inputGradient: nil, workspace)
    try progress()
  }

  /// Never asked for: the table of words is frozen.
  public func backward(_ pass: FeaturePass, bucket: Int, rows gradient: SparseRowsBuffer) {
    preconditionFailure("the encoder is frozen")
  }

  /// Logits without dropout, in single precision.
  public func logits(_ batch: Batch, in workspace: Workspace) -> Matrix<Float> {
    precondition(store.isComplete, "parameters are read that have not been gathered")
    let logits = workspace.matrix(batch.rowCount, labelCount)
    let start = workspace.mark
    defer { workspace.release(to: start) }
    head.classify(
      features(of: batch), RaggedRows(singleRowsOf: batch), nil,
      classified: MixedPrecisionMatrix(workspace.matrix(batch.rowCount, hiddenSize), .float32),
      logits: logits)
    linear?.add(batch.wordFeatures, to: logits)
    return logits
  }

  private func features(of batch: Batch) -> Matrix<Float> {
    guard let features = batch.features else {
      preconditionFailure("the rows have no features of the encoder")
    }
    return features
  }
}

/// One microbatch on its way through the classifier.
public final class FeaturePass: ClassifierPass {
  let batch: Batch
  let moment: RandomKey
  /// One vector each.
  let rows: RaggedRows
  /// What the classifier read. `[B, H]`
  let classified: MixedPrecisionMatrix
  /// `[B, L]`
  public let logits: Matrix<Float>
  /// `[B, L]`
  public let logitGradients: Matrix<Float>

  init(
    _ batch: Batch, _ moment: RandomKey, classified: MixedPrecisionMatrix, labelCount: Int,
    _ workspace: Workspace
  ) {
    self.batch = batch
    self.moment = moment
    rows = RaggedRows(singleRowsOf: batch)
    self.classified = classified
    logits = workspace.matrix(batch.rowCount, labelCount)
    logitGradients = workspace.matrix(batch.rowCount, labelCount)
  }
}

extension RaggedRows {
  /// The rows of a batch, one vector each, with their keys.
  fileprivate init(singleRowsOf batch: Batch) {
    self.init(
      offsets: Array(0...batch.rowCount),
      keys: batch.keys.map { UInt32(truncatingIfNeeded: $0) })
  }
}
