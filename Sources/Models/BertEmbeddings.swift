// The lowest part of a BERT: embeddings, LayerNorm, dropout.

import Data
import Kernels
import Memory

struct BertEmbeddings {
  let configuration: BertConfiguration
  /// `[V, H]`
  let word: Matrix<Float>
  let parameters: EmbeddingParameters

  private func dropout(_ moment: RandomKey?) -> Dropout? {
    DropoutPlace.embeddings.dropout(configuration.hiddenDropout, moment)
  }

  /// Token ids → `output [T, H]`; `sum [T, H]` is what the LayerNorm read.
  func forward(
    _ batch: Batch, _ rows: RaggedRows, _ moment: RandomKey?, sum: Matrix<Float>,
    output: MixedPrecisionMatrix, statistics: LayerNormStatistics
  ) {
    embeddingForward(
      tokenIDs: batch.tokenIDs, rows: rows, word: word, position: parameters.position,
      type: parameters.type.row(0), output: sum)
    layerNormForward(
      input: sum, gamma: parameters.gamma, beta: parameters.beta,
      epsilon: configuration.layerNormEpsilon, output: output.values,
      statistics: statistics)
    if let dropout = dropout(moment) { applyDropout(dropout, to: output.values, rows: rows) }
    output.round()
  }

  /// Fills `gradients`, and turns `pass.hiddenGradient` into the gradient of each token's word.
  func backward(
    _ pass: BertPass, _ activations: EmbeddingActivations, gradients: EmbeddingParameters
  ) {
    for sum in [gradients.position.vector, gradients.type.vector, gradients.gamma, gradients.beta] {
      sum.fill(0)
    }
    let gradient = pass.hiddenGradient
    if let dropout = dropout(pass.moment) { applyDropout(dropout, to: gradient, rows: pass.rows) }
    layerNormBackward(
      input: activations.sum, statistics: activations.statistics, gamma: parameters.gamma,
      gradient: gradient, gammaGradient: gradients.gamma, betaGradient: gradients.beta)
    addColumnSums(of: gradient, into: gradients.type.row(0))
    addPositionGradients(gradient, rows: pass.rows, into: gradients.position)
  }
}
