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
  let context: Matrix<Float>
  /// Before and after the LayerNorm of attention. `[T, H]`
  let attentionSum: Matrix<Float>
  let attentionOutput: Matrix<Float>
  let attentionStatistics: LayerNormStatistics
  /// gelu′ and gelu of the intermediate part. `[T, I]`
  let derivative: Matrix<Float>
  let activation: Matrix<Float>
  /// Before and after the LayerNorm of the layer. `[T, H]`
  let sum: Matrix<Float>
  let output: Matrix<Float>
  let statistics: LayerNormStatistics

  init(_ configuration: BertConfiguration, tokens: Int, _ workspace: Workspace) {
    let (hidden, inner) = (configuration.hiddenSize, configuration.intermediateSize)
    projection = workspace.matrix(tokens, 3 * hidden)
    logSumExp = workspace.matrix(tokens, configuration.headCount)
    context = workspace.matrix(tokens, hidden)
    attentionSum = workspace.matrix(tokens, hidden)
    attentionOutput = workspace.matrix(tokens, hidden)
    attentionStatistics = LayerNormStatistics(tokens, workspace)
    derivative = workspace.matrix(tokens, inner)
    activation = workspace.matrix(tokens, inner)
    sum = workspace.matrix(tokens, hidden)
    output = workspace.matrix(tokens, hidden)
    statistics = LayerNormStatistics(tokens, workspace)
  }

  /// Floats that the initializer takes from the workspace.
  static func size(_ configuration: BertConfiguration, tokens: Int) -> Int {
    let (hidden, inner) = (configuration.hiddenSize, configuration.intermediateSize)
    let sizes = [3 * hidden, configuration.headCount, hidden, hidden, hidden, inner, inner]
    let rest = [hidden, hidden, 1, 1, 1, 1]
    return (sizes + rest).reduce(0) { $0 + Workspace.size(of: tokens * $1) }
  }
}

extension LayerNormStatistics {
  init(_ tokens: Int, _ workspace: Workspace) {
    self.init(mean: workspace.vector(tokens), reciprocalDeviation: workspace.vector(tokens))
  }
}

/// One microbatch on its way through a BERT.
public final class BertPass: ClassifierPass {
  /// The microbatch.
  public let batch: Batch
  let rows: RaggedRows
  let moment: TrainingMoment
  /// Sum of the embeddings and its LayerNorm, dropout applied. `[T, H]`
  let embeddingSum: Matrix<Float>
  let embedded: Matrix<Float>
  let embeddingStatistics: LayerNormStatistics
  let layers: [LayerActivations]
  /// The pooled rows (after tanh, before dropout) and what the classifier read. `[B, H]`
  let pooled: Matrix<Float>
  let classified: Matrix<Float>
  /// First tokens, which the pooler read. `[B, H]`
  let firstTokens: Matrix<Float>
  /// Gradient of what the next lower bucket put out. `[T, H]`
  let hiddenGradient: Matrix<Float>
  /// `[B, L]`
  public let logits: Matrix<Float>
  /// `[B, L]`
  public let logitGradients: Matrix<Float>

  init(
    _ configuration: BertConfiguration, batch: Batch, moment: TrainingMoment, labelCount: Int,
    _ workspace: Workspace
  ) {
    let hidden = configuration.hiddenSize
    self.batch = batch
    self.moment = moment
    rows = RaggedRows(batch)
    let (tokens, count) = (rows.tokenCount, rows.count)
    embeddingSum = workspace.matrix(tokens, hidden)
    embedded = workspace.matrix(tokens, hidden)
    embeddingStatistics = LayerNormStatistics(tokens, workspace)
    layers = (0..<configuration.layerCount).map { _ in
      LayerActivations(configuration, tokens: tokens, workspace)
    }
    pooled = workspace.matrix(count, hidden)
    classified = workspace.matrix(count, hidden)
    firstTokens = workspace.matrix(count, hidden)
    hiddenGradient = workspace.matrix(tokens, hidden)
    logits = workspace.matrix(count, labelCount)
    logitGradients = workspace.matrix(count, labelCount)
  }

  /// Floats that the initializer takes from the workspace.
  static func size(
    _ configuration: BertConfiguration, tokens: Int, rows: Int, labelCount: Int
  ) -> Int {
    let hidden = configuration.hiddenSize
    return 3 * Workspace.size(of: tokens * hidden) + 2 * Workspace.size(of: tokens)
      + configuration.layerCount * LayerActivations.size(configuration, tokens: tokens)
      + 3 * Workspace.size(of: rows * hidden) + 2 * Workspace.size(of: rows * labelCount)
  }
}

extension RaggedRows {
  /// The rows of a batch; a row's number in its data set is its key.
  init(_ batch: Batch) {
    self.init(
      offsets: batch.offsets, keys: batch.rows.map { UInt32(truncatingIfNeeded: $0) })
  }
}
