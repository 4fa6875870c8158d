// What a BERT keeps of one microbatch between its forward and its backward pass.
//
// T tokens, B rows, Q tokens that a layer computes its output for, H hidden, I
// intermediate, A heads.

import Kernels
import Memory

/// What one layer keeps: everything that its backward pass reads, nothing that is cheap to redo.
struct LayerActivations {
  /// Of the layer's products.
  let precision: ProductPrecision
  /// What first tokens have for input, if they alone have an output. `[Q, H]`
  private let firstTokens: MixedPrecisionMatrix?
  /// Queries, keys and values, for attention to read.
  let qkv: LayerQKV
  /// What attention put out.
  let attention: AttentionResults
  /// Before and after the LayerNorm of attention. `[Q, H]`
  let attentionSum: Matrix<Float>
  let attentionOutput: MixedPrecisionMatrix
  let attentionStatistics: LayerNormStatistics
  /// Of the intermediate part. `[Q, I]`
  let gelu: GELUResults
  /// Before and after the LayerNorm of the layer. `[Q, H]`
  let sum: Matrix<Float>
  let output: MixedPrecisionMatrix
  let statistics: LayerNormStatistics

  init(
    _ configuration: BertConfiguration, _ precision: ProductPrecision, _ range: QueryRange,
    _ size: MicrobatchSize, _ workspace: Workspace
  ) {
    let (hidden, inner) = (configuration.hiddenSize, configuration.intermediateSize)
    let outputs = range.count(size)
    firstTokens =
      range == .firstTokens
      ? MixedPrecisionMatrix(precision, size.rows, hidden, in: workspace) : nil
    self.precision = precision
    qkv = LayerQKV(
      range, keptPrecision(ofProductsIn: precision), size, hidden: hidden, in: workspace)
    attention = AttentionResults(
      output: Operand(precision, outputs, hidden, in: workspace),
      logSumExp: workspace.matrix(outputs, configuration.headCount))
    attentionSum = workspace.matrix(outputs, hidden)
    attentionOutput = MixedPrecisionMatrix(precision, outputs, hidden, in: workspace)
    attentionStatistics = LayerNormStatistics(outputs, workspace)
    gelu = GELUResults(
      derivative: Operand(precision, outputs, inner, in: workspace),
      output: Operand(precision, outputs, inner, in: workspace))
    sum = workspace.matrix(outputs, hidden)
    output = MixedPrecisionMatrix(precision, outputs, hidden, in: workspace)
    statistics = LayerNormStatistics(outputs, workspace)
  }

  /// Those lines of `input [T, H]` that have an output. `[Q, H]`
  func attending(_ input: MixedPrecisionMatrix) -> MixedPrecisionMatrix { firstTokens ?? input }
}

extension LayerNormStatistics {
  init(_ tokens: Int, _ workspace: Workspace) {
    self.init(mean: workspace.vector(tokens), reciprocalDeviation: workspace.vector(tokens))
  }
}

/// What the embeddings keep.
struct EmbeddingActivations {
  /// Sum of the embeddings. `[T, E]`
  let sum: Matrix<Float>
  /// Of its LayerNorm.
  let statistics: LayerNormStatistics
  /// What the dense layer behind them reads, and its gradient; nil if there is none. `[T, E]`
  let normalized: MixedPrecisionMatrix?
  let wordGradient: Matrix<Float>?

  /// Of embeddings without a dense layer, in the given memory.
  init(sum: Matrix<Float>, statistics: LayerNormStatistics) {
    self.sum = sum
    self.statistics = statistics
    (normalized, wordGradient) = (nil, nil)
  }

  init(
    _ configuration: BertConfiguration, _ precision: ProductPrecision, tokens: Int,
    _ workspace: Workspace
  ) {
    let size = configuration.embeddingSize
    sum = workspace.matrix(tokens, size)
    statistics = LayerNormStatistics(tokens, workspace)
    guard configuration.projectedSize != nil else {
      (normalized, wordGradient) = (nil, nil)
      return
    }
    normalized = MixedPrecisionMatrix(precision, tokens, size, in: workspace)
    wordGradient = workspace.matrix(tokens, size)
  }
}
