// BERT with a multi-label classifier (Devlin et al. 2019), post-LayerNorm, over ragged batches.

import Data
import Kernels
import Memory

/// A BERT encoder with a linear classifier on the pooled row.
public final class BertClassifier: Classifier {
  /// Sizes and dropout.
  public let configuration: BertConfiguration
  /// How a row's tokens become one vector.
  public let pooling: Pooling
  /// Where the parameters lie: embeddings, layers, head.
  public let layout: ParameterLayout
  /// All parameters.
  public let store: ParameterStore
  /// L, the number of labels.
  public let labelCount: Int
  /// In what precision the products of training read their operands.
  public let precision: ProductPrecision

  /// The part that reads words, whose logits are added to those of the classifier; nil for none.
  public let linear: LinearPart?
  /// Which part keeps its weights, and has no dropout.
  public let freezing: EncoderFreezing

  private let embeddings: BertEmbeddings
  private let layers: [BertLayer]
  let head: BertHead
  /// Frozen buckets whose weights products can read.
  private var roundedFrozenBuckets: Set<Int> = []

  /// Zero parameters; see `ModelDirectory` and `initializeParameters` for how they get values.
  /// - Parameters:
  ///   - longestRow: tokens of the longest row that will come.
  ///   - precision: of the layers' and the classifier's products in training; must have no
  ///     `obstacle`.
  ///   - freezing: which part keeps its weights; where that is everything, a `FeatureClassifier` is
  ///     what is trained.
  ///   - wordFeatureCount: how many features of words the linear part reads; nil for none.
  public init(
    _ configuration: BertConfiguration, pooling: Pooling, labelCount: Int, longestRow: Int,
    precision: ProductPrecision = .float32, freezing: EncoderFreezing = .nothing,
    wordFeatureCount: Int? = nil
  ) {
    linear = wordFeatureCount.map { LinearPart(featureCount: $0, labelCount: labelCount) }
    precondition(longestRow <= configuration.maximumPositions)
    self.precision = precision
    self.configuration = configuration
    self.pooling = pooling
    self.labelCount = labelCount
    self.freezing = freezing
    let layout = ParameterLayout(
      configuration, pooling: pooling, labelCount: labelCount, freezing: freezing)
    let store = ParameterStore(count: layout.count)
    self.layout = layout
    self.store = store
    func reader(_ bucket: Int) -> SlotReader {
      SlotReader(layout, bucket: bucket, base: store.buffer, origin: 0)
    }
    var words = reader(Bucket.words)
    embeddings = BertEmbeddings(
      configuration: configuration, word: words.matrix(),
      parameters: EmbeddingParameters(reader(Bucket.embeddings)))
    let scratch = AttentionScratch(
      longestRow: longestRow, headSize: configuration.headSize, precision: precision)
    layers = (0..<configuration.layerCount).map { index in
      BertLayer(
        index: index, reach: QueryRange(ofLayer: index, configuration, pooling),
        configuration: configuration, precision: precision,
        parameters: LayerParameters(reader(Bucket.firstLayer + index)), scratch: scratch,
        passesGradient: !freezing.includesEmbeddings
          || index > freezing.layerCount(of: configuration))
    }
    let headBuckets = Bucket.firstLayer + configuration.layerCount...layout.buckets.count - 1
    head = BertHead(
      configuration: configuration, pooling: pooling, precision: precision,
      parameters: HeadParameters(
        SlotReader(layout, buckets: headBuckets, base: store.buffer, origin: 0), pooling: pooling))
  }

  /// Buckets in the order of `ParameterLayout(_:pooling:labelCount:)`; the last is the head.
  private enum Bucket {
    static let words = 0
    static let embeddings = 1
    static let firstLayer = 2
  }

  /// The weights of a bucket that products read, rounded; none in single precision.
  private func weights(ofBucket bucket: Int) -> [MixedPrecisionMatrix] {
    switch bucket {
    case Bucket.words, Bucket.embeddings: []
    case layout.buckets.count - 1: [head.weights]
    case Bucket.firstLayer..<Bucket.firstLayer + layers.count:
      layers[bucket - Bucket.firstLayer].weights.all
    default: []
    }
  }

  /// Floats of the rounded weights.
  public var preparedSize: Int {
    layout.buckets.indices.flatMap(weights).reduce(0) {
      $0 + MixedPrecisionMatrix.copySize(precision, of: $1.values.vector.count)
    }
  }

  /// Rounds the weights where products read them rounded; frozen ones once.
  public func prepareParameters(ofBucket bucket: Int) {
    guard !layout.buckets[bucket].isFrozen || !roundedFrozenBuckets.contains(bucket) else { return }
    for matrix in weights(ofBucket: bucket) { matrix.round() }
    if layout.buckets[bucket].isFrozen { roundedFrozenBuckets.insert(bucket) }
  }

  /// Floats that a training pass keeps.
  public func passSize(tokens: Int, rows: Int) -> Int {
    BertPass.size(
      configuration, pooling, precision, freezing, tokens: tokens, rows: rows,
      labelCount: labelCount)
  }

  /// The largest of a figure that each layer has.
  private func largest(_ size: (QueryRange) -> Int) -> Int {
    layers.map { size($0.reach) }.max() ?? 0
  }

  /// Floats that a frozen layer or its backward pass takes for a while.
  public func temporarySize(tokens: Int, rows: Int) -> Int {
    max(
      largest {
        BertLayer.temporarySize(configuration, precision, $0, tokens: tokens, rows: rows)
      },
      freezing == .nothing
        ? 0
        : largest {
          LayerActivations.size(configuration, precision, $0, tokens: tokens, rows: rows)
            + denseGELUTemporarySize(
              precision,
              of: $0.count(tokens: tokens, rows: rows) * configuration.intermediateSize)
        },
      BertHead.temporarySize(configuration, precision, rows: rows, labelCount: labelCount))
  }

  /// Floats that `logits` takes.
  public func evaluationSize(tokens: Int, rows: Int) -> Int {
    2 * LayerActivations.size(configuration, .float32, .allTokens, tokens: tokens, rows: rows)
      + (pooling == .cls
        ? LayerActivations.size(configuration, .float32, .firstTokens, tokens: tokens, rows: rows)
        : 0)
      + 2 * Workspace.size(of: rows * configuration.hiddenSize)
      + Workspace.size(of: rows * labelCount)
  }

  /// The memory of a training pass.
  public func begin(
    _ batch: Batch, at moment: RandomKey, in workspace: Workspace
  ) -> BertPass {
    BertPass(
      configuration, pooling, precision, freezing, batch: batch, moment: moment,
      labelCount: labelCount,
      workspace)
  }

  /// One part of the network, with dropout where it is trained. The words' part is that of the other
  /// embeddings, too.
  public func forward(
    _ pass: BertPass, bucket: Int, progress: () throws -> Void
  ) rethrows {
    switch bucket {
    case Bucket.words: break
    case Bucket.embeddings: forwardEmbeddings(pass)
    case layout.buckets.count - 1:
      head.forward(
        pass.headInput.values, pass.rows, pass.moment, pooled: pass.pooled,
        classified: pass.classified, logits: pass.logits)
    default: try forward(pass, layers[bucket - Bucket.firstLayer], progress)
    }
    try progress()
  }

  private func forwardEmbeddings(_ pass: BertPass) {
    let start = pass.workspace.mark
    defer { pass.workspace.release(to: start) }
    let kept =
      pass.embeddings
      ?? EmbeddingActivations(pass.rows.tokenCount, configuration.hiddenSize, pass.workspace)
    embeddings.forward(
      pass.batch, pass.rows, pass.embeddings == nil ? nil : pass.moment, sum: kept.sum,
      output: pass.embedded, statistics: kept.statistics)
  }

  /// A frozen layer has no dropout, and leaves nothing but its output, in place of its input.
  private func forward(
    _ pass: BertPass, _ layer: BertLayer, _ progress: () throws -> Void
  ) rethrows {
    guard layer.index < pass.frozenLayers else {
      return try layer.forward(
        pass.input(ofLayer: layer.index), pass.rows, pass.moment,
        pass.activations(ofLayer: layer.index), pass.workspace, progress: progress)
    }
    let start = pass.workspace.mark
    defer { pass.workspace.release(to: start) }
    let activations = LayerActivations(
      configuration, precision, layer.reach, tokens: pass.rows.tokenCount, rows: pass.rows.count,
      pass.workspace)
    try layer.forward(
      pass.embedded, pass.rows, nil, activations, pass.workspace, progress: progress)
    let output = layer.index == layers.count - 1 ? pass.headInput : pass.embedded
    output.values.vector.copy(from: activations.output.values.vector)
    output.round()
  }

  /// The gradient of a dense bucket.
  public func backward(
    _ pass: BertPass, bucket: Int, gradient: Vector<Float>, in workspace: Workspace,
    progress: () throws -> Void
  ) rethrows {
    let range = layout.buckets[bucket].range
    precondition(gradient.count == range.count && !layout.buckets[bucket].isFrozen)
    let reader = SlotReader(layout, bucket: bucket, base: gradient, origin: range.lowerBound)
    if bucket == layout.buckets.count - 1 {
      head.backward(pass, gradients: HeadParameters(reader, pooling: pooling), workspace)
    } else if bucket >= Bucket.firstLayer {
      let index = bucket - Bucket.firstLayer
      try layers[index].backward(
        pass.input(ofLayer: index), pass.rows, pass.moment, pass.activations(ofLayer: index),
        gradient: index == layers.count - 1 ? pass.headInputGradient : pass.hiddenGradient,
        inputGradient: pass.hiddenGradient, gradients: LayerParameters(reader), workspace,
        progress: progress)
    } else {
      guard bucket == Bucket.embeddings, let kept = pass.embeddings else {
        preconditionFailure("word embeddings have sparse gradients")
      }
      embeddings.backward(pass, kept, gradients: EmbeddingParameters(reader))
    }
    try progress()
  }

  /// The gradient of the word embeddings.
  public func backward(_ pass: BertPass, bucket: Int, rows gradient: SparseRowsBuffer) {
    precondition(bucket == Bucket.words, "only word embeddings have sparse gradients")
    gradient.collect(tokens: pass.batch.tokenIDs, gradients: pass.hiddenGradient)
  }

  /// Logits without dropout, in single precision.
  public func logits(_ batch: Batch, in workspace: Workspace) -> Matrix<Float> {
    let logits = workspace.matrix(batch.rowCount, labelCount)
    let start = workspace.mark
    defer { workspace.release(to: start) }
    let pooled = features(batch, in: workspace)
    let classified = workspace.matrix(batch.rowCount, configuration.hiddenSize)
    head.classify(
      pooled, RaggedRows(batch).singleTokens, nil,
      classified: MixedPrecisionMatrix(classified, .float32),
      logits: logits)
    linear?.add(batch.wordFeatures, to: logits)
    return logits
  }

  /// The pooled rows `[B, H]`, which the classifier reads, without dropout and in single precision.
  public func features(_ batch: Batch, in workspace: Workspace) -> Matrix<Float> {
    precondition(store.isComplete, "parameters are read that have not been gathered")
    let rows = RaggedRows(batch)
    let pooled = workspace.matrix(rows.count, configuration.hiddenSize)
    let start = workspace.mark
    defer { workspace.release(to: start) }
    func activations(_ reach: QueryRange) -> LayerActivations {
      LayerActivations(
        configuration, .float32, reach, tokens: rows.tokenCount, rows: rows.count, workspace)
    }
    // Two sets of activations serve all layers in turn: one is read while the other is written.
    var (input, output) = (activations(.allTokens), activations(.allTokens))
    embeddings.forward(
      batch, rows, nil, sum: input.sum, output: input.output, statistics: input.statistics)
    for layer in layers {
      if layer.reach == .firstTokens { output = activations(.firstTokens) }
      layer.forward(input.output, rows, nil, output, workspace) {}
      swap(&input, &output)
    }
    head.pool(input.output.values, rows, pooled: pooled)
    return pooled
  }

  /// A hash of all that features depend on.
  public var encoderFingerprint: UInt64 {
    let end = layout.buckets[layout.buckets.count - 1].range.lowerBound
    return Data.encoderFingerprint(
      parameters[0..<end],
      "\(pooling) \(configuration.headCount) \(configuration.layerNormEpsilon)")
  }
}
