// What a BERT keeps of one microbatch between its forward and its backward pass.
//
// T tokens, B rows, H hidden, I intermediate, A heads, L labels.

import Data
import Kernels
import Memory

/// What one layer keeps: everything that its backward pass reads, nothing that is cheap to redo.
struct LayerActivations {
  /// Queries, keys and values without their biases. `[T, 3H]`
  let projection: Matrix<Float>
  /// `[T, A]`
  let logSumExp: Matrix<Float>
  /// What attention put out. `[T, H]`
  let context: RoundedMatrix
  /// Before and after the LayerNorm of attention. `[T, H]`
  let attentionSum: Matrix<Float>
  let attentionOutput: RoundedMatrix
  let attentionStatistics: LayerNormStatistics
  /// gelu′ and gelu of the intermediate part. `[T, I]`
  let derivative: Matrix<Float>
  let activation: Operand
  /// Before and after the LayerNorm of the layer. `[T, H]`
  let sum: Matrix<Float>
  let output: RoundedMatrix
  let statistics: LayerNormStatistics

  init(
    _ configuration: BertConfiguration, _ precision: ProductPrecision, tokens: Int,
    _ workspace: Workspace
  ) {
    let (hidden, inner) = (configuration.hiddenSize, configuration.intermediateSize)
    projection = workspace.matrix(tokens, 3 * hidden)
    logSumExp = workspace.matrix(tokens, configuration.headCount)
    context = RoundedMatrix(precision, tokens, hidden, in: workspace)
    attentionSum = workspace.matrix(tokens, hidden)
    attentionOutput = RoundedMatrix(precision, tokens, hidden, in: workspace)
    attentionStatistics = LayerNormStatistics(tokens, workspace)
    derivative = workspace.matrix(tokens, inner)
    activation = Operand(precision, tokens, inner, in: workspace)
    sum = workspace.matrix(tokens, hidden)
    output = RoundedMatrix(precision, tokens, hidden, in: workspace)
    statistics = LayerNormStatistics(tokens, workspace)
  }

  /// Floats that the initializer takes from the workspace.
  static func size(
    _ configuration: BertConfiguration, _ precision: ProductPrecision, tokens: Int
  ) -> Int {
    let (hidden, inner) = (configuration.hiddenSize, configuration.intermediateSize)
    let plain = [3 * hidden, configuration.headCount, hidden, inner, hidden, 1, 1, 1, 1]
    return plain.reduce(0) { $0 + Workspace.size(of: tokens * $1) }
      + 3 * RoundedMatrix.size(precision, of: tokens * hidden)
      + Operand.size(precision, of: tokens * inner)
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
  let moment: TrainingMoment
  let precision: ProductPrecision
  /// What the embeddings keep; nil where they are frozen.
  let embeddings: EmbeddingActivations?
  /// What the lowest trained layer reads: LayerNorm of the embeddings, dropout applied, or what
  /// the frozen layers put out. `[T, H]`
  let embedded: RoundedMatrix
  /// Layers whose weights stay as they are; they keep nothing.
  let frozenLayers: Int
  /// What the layers above them keep.
  private let layers: [LayerActivations]
  /// The memory, for what lasts no longer than a call.
  let workspace: Workspace
  /// The pooled rows (after tanh, before dropout) and what the classifier read. `[B, H]`
  let pooled: Matrix<Float>
  let classified: RoundedMatrix
  /// First tokens, which the pooler read. `[B, H]`
  let firstTokens: Matrix<Float>
  /// Gradient of what the next lower bucket put out. `[T, H]`
  let hiddenGradient: Matrix<Float>
  /// `[B, L]`
  public let logits: Matrix<Float>
  /// `[B, L]`
  public let logitGradients: Matrix<Float>

  init(
    _ configuration: BertConfiguration, _ precision: ProductPrecision, _ freezing: EncoderFreezing,
    batch: Batch, moment: TrainingMoment, labelCount: Int, _ workspace: Workspace
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
    embedded = RoundedMatrix(precision, tokens, hidden, in: workspace)
    layers = (frozenLayers..<configuration.layerCount).map { _ in
      LayerActivations(configuration, precision, tokens: tokens, workspace)
    }
    pooled = workspace.matrix(count, hidden)
    classified = RoundedMatrix(precision, count, hidden, in: workspace)
    firstTokens = workspace.matrix(count, hidden)
    hiddenGradient = workspace.matrix(tokens, hidden)
    logits = workspace.matrix(count, labelCount)
    logitGradients = workspace.matrix(count, labelCount)
  }

  /// What a trained layer keeps.
  func activations(ofLayer index: Int) -> LayerActivations { layers[index - frozenLayers] }

  /// What a layer reads; after the last layer, what the head reads. `[T, H]`
  func input(ofLayer index: Int) -> RoundedMatrix {
    index <= frozenLayers ? embedded : layers[index - 1 - frozenLayers].output
  }

  /// Floats that the initializer takes from the workspace.
  static func size(
    _ configuration: BertConfiguration, _ precision: ProductPrecision, _ freezing: EncoderFreezing,
    tokens: Int, rows: Int, labelCount: Int
  ) -> Int {
    let hidden = configuration.hiddenSize
    let trained = configuration.layerCount - freezing.layerCount(of: configuration)
    let embeddings =
      freezing.includesEmbeddings ? 0 : EmbeddingActivations.size(tokens, hidden)
    return trained * LayerActivations.size(configuration, precision, tokens: tokens)
      + embeddings + Workspace.size(of: tokens * hidden)
      + RoundedMatrix.size(precision, of: tokens * hidden)
      + 2 * Workspace.size(of: rows * hidden) + RoundedMatrix.size(precision, of: rows * hidden)
      + 2 * Workspace.size(of: rows * labelCount)
  }
}

extension RaggedRows {
  /// The rows of a batch with their keys.
  init(_ batch: Batch) {
    self.init(
      offsets: batch.offsets, keys: batch.keys.map { UInt32(truncatingIfNeeded: $0) })
  }
}
