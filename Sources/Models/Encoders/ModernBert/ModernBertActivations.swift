// What a ModernBERT keeps of one microbatch between its forward and its backward pass.
//
// T tokens, B rows, N hidden states that are put out (of all tokens, or of each row's first), H
// hidden, I intermediate, A heads.

import Kernels
import Memory

/// What one layer keeps.
struct ModernBertActivations {
  /// Of the layer's products.
  let precision: ProductPrecision
  /// What attention's products read, LayerNorm of the layer's input; in the first layer the
  /// input itself. `[T, H]`
  let attentionInput: MixedPrecisionMatrix
  let attentionStatistics: LayerNormStatistics
  /// Queries, keys and values, the first two rotated. `[T, 3H]`
  let qkv: Operand
  let attention: AttentionResults
  /// The input with what attention puts out. `[T, H]`
  let sum: Matrix<Float>
  /// LayerNorm of that. `[T, H]`
  let normalized: MixedPrecisionMatrix
  let statistics: LayerNormStatistics
  /// Of the gated part: `[T, 2I]` and `[T, I]`.
  let gated: GELUResults
  /// `[T, H]`
  let output: Matrix<Float>

  init(
    _ configuration: ModernBertConfiguration, _ precision: ProductPrecision, tokens: Int,
    _ workspace: Workspace
  ) {
    let (hidden, inner) = (configuration.hiddenSize, configuration.intermediateSize)
    self.precision = precision
    attentionInput = MixedPrecisionMatrix(precision, tokens, hidden, in: workspace)
    attentionStatistics = LayerNormStatistics(tokens, workspace)
    qkv = Operand(
      keptPrecision(ofProductsIn: precision), tokens, 3 * hidden, in: workspace)
    attention = AttentionResults(
      output: Operand(precision, tokens, hidden, in: workspace),
      logSumExp: workspace.matrix(tokens, configuration.headCount))
    sum = workspace.matrix(tokens, hidden)
    normalized = MixedPrecisionMatrix(precision, tokens, hidden, in: workspace)
    statistics = LayerNormStatistics(tokens, workspace)
    gated = GELUResults(
      derivative: Operand(precision, tokens, 2 * inner, in: workspace),
      output: Operand(precision, tokens, inner, in: workspace))
    output = workspace.matrix(tokens, hidden)
  }
}

/// Hidden states that are put out, and their LayerNorm.
struct ModernBertOutput {
  /// Those of the last layer, all or of first tokens. `[N, H]`
  let input: Matrix<Float>
  private let range: QueryRange
  let statistics: LayerNormStatistics
  /// `[N, H]`
  let output: MixedPrecisionMatrix

  /// - Parameter states: of the last layer. `[T, H]`
  init(_ states: Matrix<Float>, _ range: QueryRange, rows: Int, _ workspace: Workspace) {
    let hidden = states.columns
    self.range = range
    input = range == .allTokens ? states : workspace.matrix(rows, hidden)
    statistics = LayerNormStatistics(input.rows, workspace)
    output = MixedPrecisionMatrix(.float32, input.rows, hidden, in: workspace)
  }

  /// Takes the last layer's states. `[T, H]`
  func forward(_ states: Matrix<Float>, _ norm: LayerNormParameters, _ rows: RaggedRows) {
    if range == .firstTokens { gatherFirstTokens(states, rows: rows, output: input) }
    layerNormForward(input: input, norm, output: output.values, statistics: statistics)
  }
}
