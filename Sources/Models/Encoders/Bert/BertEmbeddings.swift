// The lowest part of a BERT: embeddings, LayerNorm, dropout, and in some families a dense layer.

import Data
import Kernels
import Memory

struct BertEmbeddings {
  let configuration: BertConfiguration
  /// `[V, E]`
  let word: Matrix<Float>
  let parameters: BertEmbeddingParameters
  /// The weights of the dense layer as products read them; nil where there is none.
  let projection: MixedPrecisionMatrix?
  /// What stands for token types where there are none. `[E]`
  private let noType: Vector<Float>

  init(
    _ configuration: BertConfiguration, word: Matrix<Float>, _ parameters: BertEmbeddingParameters,
    _ precision: ProductPrecision
  ) {
    self.configuration = configuration
    self.word = word
    self.parameters = parameters
    projection = parameters.projection.map { MixedPrecisionMatrix($0.weight, precision) }
    noType = Vector(zeros: parameters.type == nil ? configuration.embeddingSize : 0)
  }

  private var norm: LayerNormParameters {
    LayerNormParameters(
      gamma: parameters.gamma, beta: parameters.beta, epsilon: configuration.layerNormEpsilon)
  }

  private func dropout(_ key: RandomKey?) -> Dropout? {
    DropoutPlace.embeddings.dropout(configuration.hiddenDropout, key)
  }

  /// Token ids → `output [T, H]`.
  func forward(
    _ batch: Batch, _ rows: RaggedRows, _ key: RandomKey?, _ activations: EmbeddingActivations,
    output: MixedPrecisionMatrix
  ) {
    embeddingForward(
      tokenIDs: batch.tokenIDs, rows: rows,
      tables: EmbeddingTables(
        word: word, position: parameters.position, type: parameters.type?.row(0) ?? noType,
        positionPadding: configuration.positionPadding),
      output: activations.sum)
    let normalized = activations.normalized ?? output
    layerNormForward(
      input: activations.sum, norm, output: normalized.values, statistics: activations.statistics)
    if let dropout = dropout(key) { applyDropout(dropout, to: normalized.values, rows: rows) }
    normalized.round()
    guard let projection, let bias = parameters.projection?.bias else { return }
    multiply(normalized.operand, transposed: projection, into: output.values)
    addBias(bias, to: output.values)
    output.round()
  }

  /// Fills `gradients`, and turns `pass.gradient [T, H]`, that of the output, into that of each
  /// token's word: in its place, or in `activations.wordGradient [T, E]`.
  func backward(
    _ activations: EmbeddingActivations, _ pass: EmbeddingBackward,
    gradients: BertEmbeddingParameters
  ) {
    let (rows, key) = (pass.rows, pass.key)
    for sum in [
      gradients.position.vector, gradients.type?.vector, gradients.gamma, gradients.beta,
    ] {
      sum?.fill(0)
    }
    let words = activations.wordGradient ?? pass.gradient
    pass.workspace.temporarily { propagate(pass, activations, into: words, gradients) }
    if let dropout = dropout(key) { applyDropout(dropout, to: words, rows: rows) }
    layerNormBackward(
      input: activations.sum, statistics: activations.statistics, norm, gradient: words,
      sums: LayerNormGradients(gamma: gradients.gamma, beta: gradients.beta))
    if let type = gradients.type { addColumnSums(of: words, into: type.row(0)) }
    addPositionGradients(
      words, tokenIDs: pass.batch.tokenIDs, rows: rows, padding: configuration.positionPadding,
      into: gradients.position)
  }

  /// Takes what `backward` does for a while.
  func reserveBackward(tokens: Int, in workspace: Workspace) {
    guard let projection else { return }
    MixedPrecisionMatrix.reserveCopy(
      projection.precision, tokens, configuration.hiddenSize, in: workspace)
  }

  /// Through the dense layer, if there is one.
  private func propagate(
    _ pass: EmbeddingBackward, _ activations: EmbeddingActivations, into words: Matrix<Float>,
    _ gradients: BertEmbeddingParameters
  ) {
    guard let projection, let sums = gradients.projection, let input = activations.normalized
    else { return }
    sums.bias.fill(0)
    addColumnSums(of: pass.gradient, into: sums.bias)
    let rounded = MixedPrecisionMatrix(pass.gradient, projection.precision, in: pass.workspace)
    rounded.round()
    multiply(transposed: rounded.operand, input.operand, into: sums.weight)
    multiply(rounded.operand, projection, into: words)
  }
}

/// What the embeddings' backward pass reads besides what the forward pass kept.
struct EmbeddingBackward {
  let batch: Batch
  let rows: RaggedRows
  let key: RandomKey
  /// `[T, H]`, of the output; scratch afterwards.
  let gradient: Matrix<Float>
  let workspace: Workspace
}
