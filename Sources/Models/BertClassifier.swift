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

  private let embeddings: BertEmbeddings
  private let layers: [BertLayer]
  private let head: BertHead

  /// Zero parameters; see `ModelDirectory` and `initializeParameters` for how they get values.
  /// - Parameters:
  ///   - longestRow: tokens of the longest row that will come.
  ///   - precision: of the layers' and the classifier's products in training; must have no
  ///     `obstacle`.
  public init(
    _ configuration: BertConfiguration, pooling: Pooling, labelCount: Int, longestRow: Int,
    precision: ProductPrecision = .float32
  ) {
    precondition(longestRow <= configuration.maximumPositions)
    self.precision = precision
    self.configuration = configuration
    self.pooling = pooling
    self.labelCount = labelCount
    let layout = ParameterLayout(configuration, pooling: pooling, labelCount: labelCount)
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
    let scratch = AttentionScratch(longestRow: longestRow, headSize: configuration.headSize)
    layers = (0..<configuration.layerCount).map { index in
      BertLayer(
        index: index, configuration: configuration, precision: precision,
        parameters: LayerParameters(reader(Bucket.firstLayer + index)), scratch: scratch)
    }
    head = BertHead(
      configuration: configuration, pooling: pooling, precision: precision,
      parameters: HeadParameters(reader(layout.buckets.count - 1), pooling: pooling))
  }

  /// Buckets in the order of `ParameterLayout(_:pooling:labelCount:)`; the last is the head.
  private enum Bucket {
    static let words = 0
    static let embeddings = 1
    static let firstLayer = 2
  }

  /// The weights of a bucket that products read, rounded; none in single precision.
  private func weights(ofBucket bucket: Int) -> [RoundedMatrix] {
    switch bucket {
    case Bucket.words, Bucket.embeddings: []
    case layout.buckets.count - 1: [head.weights]
    default: layers[bucket - Bucket.firstLayer].weights.all
    }
  }

  /// Floats of the rounded weights.
  public var preparedSize: Int {
    layout.buckets.indices.flatMap(weights).reduce(0) {
      $0 + RoundedMatrix.copySize(precision, of: $1.values.vector.count)
    }
  }

  /// Rounds the weights where products read them rounded.
  public func prepareParameters(ofBucket bucket: Int) {
    for matrix in weights(ofBucket: bucket) { matrix.round() }
  }

  /// Floats that a training pass keeps.
  public func passSize(tokens: Int, rows: Int) -> Int {
    BertPass.size(configuration, precision, tokens: tokens, rows: rows, labelCount: labelCount)
  }

  /// Floats that its backward pass takes for a while.
  public func temporarySize(tokens: Int, rows: Int) -> Int {
    max(
      BertLayer.temporarySize(configuration, precision, tokens: tokens),
      BertHead.temporarySize(configuration, precision, rows: rows, labelCount: labelCount))
  }

  /// Floats that `logits` takes.
  public func evaluationSize(tokens: Int, rows: Int) -> Int {
    2 * LayerActivations.size(configuration, .float32, tokens: tokens)
      + 3 * Workspace.size(of: rows * configuration.hiddenSize)
      + Workspace.size(of: rows * labelCount)
  }

  /// The memory of a training pass.
  public func begin(
    _ batch: Batch, at moment: TrainingMoment, in workspace: Workspace
  ) -> BertPass {
    BertPass(
      configuration, precision, batch: batch, moment: moment, labelCount: labelCount, workspace)
  }

  /// One part of the network, with dropout. The words' part is that of the other embeddings, too.
  public func forward(
    _ pass: BertPass, bucket: Int, progress: () throws -> Void
  ) rethrows {
    switch bucket {
    case Bucket.words: break
    case Bucket.embeddings:
      embeddings.forward(
        pass.batch, pass.rows, pass.moment, sum: pass.embeddingSum, output: pass.embedded,
        statistics: pass.embeddingStatistics)
    case layout.buckets.count - 1:
      head.forward(
        pass.input(ofLayer: layers.count).values, pass.rows, pass.moment,
        firstTokens: pass.firstTokens, pooled: pass.pooled, classified: pass.classified,
        logits: pass.logits)
    default:
      let index = bucket - Bucket.firstLayer
      try layers[index].forward(
        pass.input(ofLayer: index), pass.rows, pass.moment, pass.layers[index], progress: progress)
    }
    try progress()
  }

  /// The gradient of a dense bucket.
  public func backward(
    _ pass: BertPass, bucket: Int, gradient: Vector<Float>, in workspace: Workspace,
    progress: () throws -> Void
  ) rethrows {
    let range = layout.buckets[bucket].range
    precondition(gradient.count == range.count)
    let reader = SlotReader(layout, bucket: bucket, base: gradient, origin: range.lowerBound)
    if bucket == layout.buckets.count - 1 {
      head.backward(pass, gradients: HeadParameters(reader, pooling: pooling), workspace)
    } else if bucket >= Bucket.firstLayer {
      let index = bucket - Bucket.firstLayer
      try layers[index].backward(
        pass.input(ofLayer: index), pass.rows, pass.moment, pass.layers[index],
        gradient: pass.hiddenGradient, gradients: LayerParameters(reader), workspace,
        progress: progress)
    } else {
      precondition(bucket == Bucket.embeddings, "word embeddings have sparse gradients")
      embeddings.backward(pass, gradients: EmbeddingParameters(reader))
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
    precondition(store.isComplete, "parameters are read that have not been gathered")
    let rows = RaggedRows(batch)
    let logits = workspace.matrix(rows.count, labelCount)
    let start = workspace.mark
    defer { workspace.release(to: start) }
    let (tokens, hiddenSize) = (rows.tokenCount, configuration.hiddenSize)
    // Two sets of activations serve all layers in turn: one is read while the other is written.
    let sets = (0..<2).map { _ in
      LayerActivations(configuration, .float32, tokens: tokens, workspace)
    }
    embeddings.forward(
      batch, rows, nil, sum: sets[1].sum, output: sets[1].output, statistics: sets[1].statistics)
    for (index, layer) in layers.enumerated() {
      layer.forward(sets[(index + 1) % 2].output, rows, nil, sets[index % 2]) {}
    }
    let pooled = (0..<3).map { _ in workspace.matrix(rows.count, hiddenSize) }
    head.forward(
      sets[(layers.count + 1) % 2].output.values, rows, nil, firstTokens: pooled[0],
      pooled: pooled[1], classified: RoundedMatrix(pooled[2], .float32), logits: logits)
    return logits
  }
}
