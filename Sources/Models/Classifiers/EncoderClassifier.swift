// An encoder with a head: token ids -> hidden states -> logits, over ragged batches.
//
// T tokens, B rows, H hidden size, L labels.

import Data
import Kernels
import Memory

/// What an `EncoderClassifier` is made of besides its encoder.
public struct ClassifierOptions {
  /// How hidden states become logits.
  public var pooling: Pooling
  /// L, the number of labels.
  public var labelCount: Int
  /// Tokens of the longest row that will come.
  public var longestRow: Int
  /// Of the products of training; must have no `obstacle`.
  public var precision = ProductPrecision.float32
  /// Which part keeps its weights; if that is everything, a `LinearProbe` is what is trained.
  public var freezing = EncoderFreezing.nothing
  /// The part that reads TF-IDF features, whose logits are added to those of the head;
  /// nil for none.
  public var linear: LinearPart?

  /// See the properties.
  public init(
    pooling: Pooling, labelCount: Int, longestRow: Int, precision: ProductPrecision = .float32,
    freezing: EncoderFreezing = .nothing
  ) {
    self.pooling = pooling
    self.labelCount = labelCount
    self.longestRow = longestRow
    self.precision = precision
    self.freezing = freezing
  }
}

/// An encoder, a head and, if it is asked for, a linear part that reads TF-IDF features.
public final class EncoderClassifier: Classifier {
  /// Sizes and dropout of the encoder.
  package let configuration: any EncoderConfiguration
  /// What it is made of besides.
  public let options: ClassifierOptions
  /// Where the parameters lie: encoder, then head.
  public let layout: ParameterLayout
  /// All parameters.
  public let store: ParameterStore

  let encoder: any Encoder
  let head: any Head
  /// Frozen buckets whose weights products can read.
  private var roundedFrozenBuckets: Set<Int> = []

  /// Zero parameters; see `ModelDirectory` and `initializeParameters` for how they get values.
  package init(_ configuration: any EncoderConfiguration, _ options: ClassifierOptions) {
    self.configuration = configuration
    self.options = options
    let headConfiguration = makeHeadConfiguration(
      options.pooling, configuration, labelCount: options.labelCount)
    var layout = ParameterLayout()
    configuration.appendBuckets(to: &layout, freezing: options.freezing)
    headConfiguration.appendBuckets(
      to: &layout, encoderIsFrozen: options.freezing == .everything)
    let store = ParameterStore(count: layout.count)
    let encoder = configuration.makeEncoder(
      layout, store,
      EncoderUse(
        output: headConfiguration.input, precision: options.precision,
        freezing: options.freezing, longestRow: options.longestRow))
    head = headConfiguration.makeHead(
      SlotReader(
        layout, buckets: encoder.bucketCount...layout.buckets.count - 1, base: store.buffer,
        origin: 0), options.precision)
    (self.layout, self.store, self.encoder) = (layout, store, encoder)
  }

  /// L, the number of labels.
  public var labelCount: Int { options.labelCount }
  /// The part that reads TF-IDF features; nil for none.
  public var linear: LinearPart? { options.linear }
  /// The linear part.
  public var shardedPart: (any ShardedPart)? { linear }
  /// The index of the last bucket, which is the head's.
  private var headBucket: Int { layout.buckets.count - 1 }

  /// The weights of a bucket that products read, rounded; none in single precision.
  private func weights(ofBucket bucket: Int) -> [MixedPrecisionMatrix] {
    if bucket == headBucket { return head.weights }
    return bucket < encoder.bucketCount ? encoder.weights(ofBucket: bucket) : []
  }

  /// Floats of the rounded weights.
  public var preparedSize: Int {
    layout.buckets.indices.flatMap(weights).reduce(0) { $0 + $1.copySize }
  }

  /// Rounds the weights if products read them rounded; frozen ones once.
  public func prepareParameters(ofBucket bucket: Int) {
    guard !layout.buckets[bucket].isFrozen || !roundedFrozenBuckets.contains(bucket) else { return }
    for matrix in weights(ofBucket: bucket) { matrix.round() }
    if layout.buckets[bucket].isFrozen { roundedFrozenBuckets.insert(bucket) }
  }

  /// The memory of a training pass.
  public func begin(
    _ batch: Batch, at key: RandomKey, in workspace: Workspace
  ) -> EncoderClassifierPass {
    let rows = RaggedRows(batch)
    return EncoderClassifierPass(
      encoder: encoder.begin(batch, rows, at: key, in: workspace),
      head: head.begin(rows, at: key, in: workspace),
      logits: LogitMemory(rows: rows.count, labels: labelCount, workspace))
  }

  /// Takes what `begin` does.
  public func reservePass(tokens: Int, rows: Int, in workspace: Workspace) {
    encoder.reservePass(tokens: tokens, rows: rows, in: workspace)
    head.reservePass(tokens: tokens, rows: rows, in: workspace)
    _ = LogitMemory(rows: rows, labels: labelCount, workspace)
  }

  /// Takes what passes do for a while.
  public func reserveTemporaries(tokens: Int, rows: Int, in workspace: Workspace) {
    encoder.reserveTemporaries(tokens: tokens, rows: rows, in: workspace)
    head.reserveTemporaries(tokens: tokens, rows: rows, in: workspace)
  }

  /// One part of the network, with dropout if it is trained.
  public func forward(_ pass: EncoderClassifierPass, bucket: Int) {
    if bucket < encoder.bucketCount {
      pass.encoder.forward(bucket: bucket)
    } else if bucket == headBucket {
      pass.head.forward(pass.encoder.output.values, logits: pass.logits)
    }
  }

  /// The gradient of a dense bucket.
  public func backward(_ pass: EncoderClassifierPass, bucket: Int, gradient: Vector<Float>) {
    let range = layout.buckets[bucket].range
    precondition(gradient.count == range.count && !layout.buckets[bucket].isFrozen)
    let reader = SlotReader(layout, bucket: bucket, base: gradient, origin: range.lowerBound)
    if bucket == headBucket {
      pass.head.backward(
        pass.encoder.output.values, logitGradients: pass.logitGradients,
        hiddenGradient: pass.encoder.outputGradient, gradients: reader)
    } else {
      pass.encoder.backward(bucket: bucket, gradient: reader)
    }
  }

  /// The gradient of the word embeddings.
  public func backward(_ pass: EncoderClassifierPass, rows gradient: SparseRowsBuffer) {
    pass.encoder.backward(rows: gradient)
  }
}

/// One microbatch on its way through an encoder and a head.
public final class EncoderClassifierPass: ClassifierPass {
  let encoder: any EncoderPass
  let head: any HeadPass
  /// `[B, L]`
  public let logits: Matrix<Float>
  /// `[B, L]`
  public let logitGradients: Matrix<Float>

  init(encoder: any EncoderPass, head: any HeadPass, logits: LogitMemory) {
    self.encoder = encoder
    self.head = head
    (self.logits, logitGradients) = (logits.values, logits.gradients)
  }
}

/// What every classifier's pass keeps: logits and their gradients. `[B, L]`
struct LogitMemory {
  let values: Matrix<Float>
  let gradients: Matrix<Float>

  init(rows: Int, labels: Int, _ workspace: Workspace) {
    values = workspace.matrix(rows, labels)
    gradients = workspace.matrix(rows, labels)
  }
}
