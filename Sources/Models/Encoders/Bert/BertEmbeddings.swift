// The lowest part of a BERT: embeddings, LayerNorm, dropout.

import Data
import Kernels
import Memory

struct BertEmbeddings {
  let configuration: BertConfiguration
  /// `[V, H]`
  let word: Matrix<Float>
  let parameters: BertEmbeddingParameters

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
        word: word, position: parameters.position, type: parameters.type.row(0)),
      output: activations.sum)
    layerNormForward(
      input: activations.sum, norm, output: output.values, statistics: activations.statistics)
    if let dropout = dropout(key) { applyDropout(dropout, to: output.values, rows: rows) }
    output.round()
  }

  /// Fills `gradients`, and turns `gradient [T, H]`, that of the output, into that of each token's
  /// word.
  func backward(
    _ activations: EmbeddingActivations, _ rows: RaggedRows, _ key: RandomKey,
    gradient: Matrix<Float>, gradients: BertEmbeddingParameters
  ) {
    for sum in [gradients.position.vector, gradients.type.vector, gradients.gamma, gradients.beta] {
      sum.fill(0)
    }
    if let dropout = dropout(key) { applyDropout(dropout, to: gradient, rows: rows) }
    layerNormBackward(
      input: activations.sum, statistics: activations.statistics, norm, gradient: gradient,
      sums: LayerNormGradients(gamma: gradients.gamma, beta: gradients.beta))
    addColumnSums(of: gradient, into: gradients.type.row(0))
    addPositionGradients(gradient, rows: rows, into: gradients.position)
  }
}
