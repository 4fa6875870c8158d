// What a BERT keeps of one microbatch between its forward and its backward pass.
//
// T tokens, B rows, Q tokens that a layer computes its output for, H hidden, I intermediate, A heads, L labels.

import Data
import Kernels
import Memory

/// What one layer keeps: everything that its backward pass reads, nothing that is cheap to redo.
struct LayerActivations {
  /// Of the layer's products.
  let precision: ProductPrecision
  /// What first tokens have for input, where they alone have an output. `[Q, H]`
  private let firstTokens: MixedPrecisionMatrix?
  /// Queries, keys and values, for attention to read.
  let qkv: LayerQKV
  /// `[Q, A]`
  let logSumExp: Matrix<Float>
  /// What attention put out. `[Q, H]`
  let context: Operand
  /// Before and after the LayerNorm of attention. `[Q, H]`
  let attentionSum: Matrix<Float>
  let attentionOutput: MixedPrecisionMatrix
  let attentionStatistics: LayerNormStatistics
  /// gelu′ and gelu of the intermediate part. `[Q, I]`
  let derivative: Operand
  let activation: Operand
  /// Before and after the LayerNorm of the layer. `[Q, H]`
  let sum: Matrix<Float>
  let output: MixedPrecisionMatrix
  let statistics: LayerNormStatistics

  init(
    _ configuration: BertConfiguration, _ precision: ProductPrecision, _ reach: QueryRange,
    tokens: Int, rows: Int, _ workspace: Workspace
  ) {
    let (hidden, inner) = (configuration.hiddenSize, configuration.intermediateSize)
    let outputs = reach.count(tokens: tokens, rows: rows)
    firstTokens =
      reach == .firstTokens ? MixedPrecisionMatrix(precision, rows, hidden, in: workspace) : nil
    self.precision = precision
    qkv = LayerQKV(
      reach, keptPrecision(ofProductsIn: precision), tokens: tokens, rows: rows, hidden: hidden,
      in: workspace)
    logSumExp = workspace.matrix(outputs, configuration.headCount)
    context = Operand(precision, outputs, hidden, in: workspace)
    attentionSum = workspace.matrix(outputs, hidden)
    attentionOutput = MixedPrecisionMatrix(precision, outputs, hidden, in: workspace)
    attentionStatistics = LayerNormStatistics(outputs, workspace)
    derivative = Operand(precision, outputs, inner, in: workspace)
    activation = Operand(precision, outputs, inner, in: workspace)
    sum = workspace.matrix(outputs, hidden)
    output = MixedPrecisionMatrix(precision, outputs, hidden, in: workspace)
    statistics = LayerNormStatistics(outputs, workspace)
  }

  /// Those lines of `input [T, H]` that have an output. `[Q, H]`
  func attending(_ input: MixedPrecisionMatrix) -> MixedPrecisionMatrix { firstTokens ?? input }

  /// Floats that the initializer takes from the workspace.
  static func size(
    _ configuration: BertConfiguration, _ precision: ProductPrecision, _ reach: QueryRange,
    tokens: Int, rows: Int
  ) -> Int {
    let (hidden, inner) = (configuration.hiddenSize, configuration.intermediateSize)
    let outputs = reach.count(tokens: tokens, rows: rows)
    let plain = [configuration.headCount, hidden, hidden, 1, 1, 1, 1]
    return plain.reduce(0) { $0 + Workspace.size(of: outputs * $1) }
      + LayerQKV.size(
        reach, keptPrecision(ofProductsIn: precision), tokens: tokens, rows: rows, hidden: hidden)
      + (reach == .firstTokens ? 3 : 2) * MixedPrecisionMatrix.size(precision, of: outputs * hidden)
      + Operand.size(precision, of: outputs * hidden)
      + 2 * Operand.size(precision, of: outputs * inner)
  }
}

extension LayerNormStatistics {
  init(_ tokens: Int, _ workspace: Workspace) {
    self.init(mean: workspace.vector(tokens), reciprocalDeviation: workspace.vector(tokens))
  }
}

/// What the embeddings keep.
struct EmbeddingActivations {
  /// Sum of the embeddings. `[T, H]`
  let sum: Matrix<Float>
  /// Of its LayerNorm.
  let statistics: LayerNormStatistics

  init(_ tokens: Int, _ hidden: Int, _ workspace: Workspace) {
    sum = workspace.matrix(tokens, hidden)
    statistics = LayerNormStatistics(tokens, workspace)
  }

  /// Floats that the initializer takes from the workspace.
  static func size(_ tokens: Int, _ hidden: Int) -> Int {
    Workspace.size(of: tokens * hidden) + 2 * Workspace.size(of: tokens)
  }
}

/// One microbatch on its way through a BERT.
public final class BertPass: ClassifierPass {
  /// The microbatch.
  public let batch: Batch
  let rows: RaggedRows
  let moment: RandomKey
  let precision: ProductPrecision
  /// What the embeddings keep; nil where they are frozen.
  let embeddings: EmbeddingActivations?
  /// What the lowest trained layer reads: LayerNorm of the embeddings, dropout applied, or what
  /// the frozen layers put out. `[T, H]`
  let embedded: MixedPrecisionMatrix
  /// Layers whose weights stay as they are; they keep nothing.
  let frozenLayers: Int
  /// What the layers above them keep.
  private let layers: [LayerActivations]
  /// What the head reads: `[B, H]` of first tokens where there is a pooler, else `[T, H]`.
  let headInput: MixedPrecisionMatrix
  /// The memory, for what lasts no longer than a call.
  let workspace: Workspace
  /// The pooled rows (after tanh, before dropout) and what the classifier read. `[B, H]`
  let pooled: Matrix<Float>
  let classified: MixedPrecisionMatrix
  /// Gradient of what a layer or the embeddings put out, and of what the head read. `[T, H]`
  let hiddenGradient: Matrix<Float>
  /// That of what the head read: where this is `[B, H]` it has memory of its own.
  let headInputGradient: Matrix<Float>
  /// `[B, L]`
  public let logits: Matrix<Float>
  /// `[B, L]`
  public let logitGradients: Matrix<Float>

  init(
    _ configuration: BertConfiguration, _ pooling: Pooling, _ precision: ProductPrecision,
    _ freezing: EncoderFreezing, batch: Batch, moment: RandomKey, labelCount: Int,
    _ workspace: Workspace
  ) {
    let hidden = configuration.hiddenSize
    self.batch = batch
    self.moment = moment
    self.precision = precision
    rows = RaggedRows(batch)
    let (tokens, count) = (rows.tokenCount, rows.count)
    self.workspace = workspace
    frozenLayers = freezing.layerCount(of: configuration)
    embeddings =
      freezing.includesEmbeddings ? nil : EmbeddingActivations(tokens, hidden, workspace)
    embedded = MixedPrecisionMatrix(precision, tokens, hidden, in: workspace)
    let layers = (frozenLayers..<configuration.layerCount).map { index in
      LayerActivations(
        configuration, precision, QueryRange(ofLayer: index, configuration, pooling),
        tokens: tokens, rows: count, workspace)
    }
    self.layers = layers
    pooled = workspace.matrix(count, hidden)
    classified = MixedPrecisionMatrix(precision, count, hidden, in: workspace)
    hiddenGradient = workspace.matrix(tokens, hidden)
    switch pooling {
    case .cls:
      headInput =
        layers.last?.output ?? MixedPrecisionMatrix(precision, count, hidden, in: workspace)
      headInputGradient = workspace.matrix(count, hidden)
    case .mean:
      headInput = layers.last?.output ?? embedded
      headInputGradient = hiddenGradient
    }
    logits = workspace.matrix(count, labelCount)
    logitGradients = workspace.matrix(count, labelCount)
  }

  /// What a trained layer keeps.
  func activations(ofLayer index: Int) -> LayerActivations { layers[index - frozenLayers] }

  /// What a layer reads. `[T, H]`
  func input(ofLayer index: Int) -> MixedPrecisionMatrix {
    index <= frozenLayers ? embedded : layers[index - 1 - frozenLayers].output
  }

  /// Floats that the initializer takes from the workspace.
  static func size(
    _ configuration: BertConfiguration, _ pooling: Pooling, _ precision: ProductPrecision,
    _ freezing: EncoderFreezing, tokens: Int, rows: Int, labelCount: Int
  ) -> Int {
    let hidden = configuration.hiddenSize
    let trained = freezing.layerCount(of: configuration)..<configuration.layerCount
    let embeddings =
      freezing.includesEmbeddings ? 0 : EmbeddingActivations.size(tokens, hidden)
    let layers = trained.map { index in
      LayerActivations.size(
        configuration, precision, QueryRange(ofLayer: index, configuration, pooling),
        tokens: tokens, rows: rows)
    }
    return layers.reduce(0, +) + embeddings + Workspace.size(of: tokens * hidden)
      + MixedPrecisionMatrix.size(precision, of: tokens * hidden)
      + Workspace.size(of: rows * hidden) + MixedPrecisionMatrix.size(precision, of: rows * hidden)
      + 2 * Workspace.size(of: rows * labelCount)
      + (pooling == .cls ? Workspace.size(of: rows * hidden) : 0)
      + (pooling == .cls && trained.isEmpty
        ? MixedPrecisionMatrix.size(precision, of: rows * hidden) : 0)
  }
}

extension RaggedRows {
  /// The rows of a batch with their keys.
  init(_ batch: Batch) {
    self.init(
      offsets: batch.offsets, keys: batch.keys.map { UInt32(truncatingIfNeeded: $0) })
  }
}
