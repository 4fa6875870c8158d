// The lowest part of a BERT: embeddings, LayerNorm, dropout.

import Data
import Kernels
import Memory

struct BertEmbeddings {
  let configuration: BertConfiguration
  /// `[V, H]`
  let word: Matrix<Float>
  let parameters: EmbeddingParameters

  private func dropout(_ moment: TrainingMoment?) -> Dropout? {
    DropoutPlace.embeddings.dropout(configuration.hiddenDropout, moment)
  }

  /// Token ids → `output [T, H]`; `sum [T, H]` is what the LayerNorm read.
  func forward(
    _ batch: Batch, _ rows: RaggedRows, _ moment: TrainingMoment?, sum: Matrix<Float>,
    output: RoundedMatrix, statistics: LayerNormStatistics
  ) {
    embeddingForward(
      tokenIDs: batch.tokenIDs, rows: rows, word: word, position: parameters.position,
      type: parameters.type.row(0), output: sum)
    layerNormForward(
      input: sum, gain: parameters.gain, shift: parameters.shift,
      epsilon: configuration.layerNormEpsilon, output: output.values,
      statistics: statistics)
    if let dropout = dropout(moment) { applyDropout(dropout, to: output.values, rows: rows) }
    output.round()
  }

  /// Fills `gradients`, and turns `pass.hiddenGradient` into the gradient of each token's word.
  func backward(
    _ pass: BertPass, _ activations: EmbeddingActivations, gradients: EmbeddingParameters
  ) {
    for sum in [gradients.position.vector, gradients.type.vector, gradients.gain, gradients.shift] {
      sum.fill(0)
    }
    let gradient = pass.hiddenGradient
    if let dropout = dropout(pass.moment) { applyDropout(dropout, to: gradient, rows: pass.rows) }
    layerNormBackward(
      input: activations.sum, statistics: activations.statistics, gain: parameters.gain,
      gradient: gradient, gainGradient: gradients.gain, shiftGradient: gradients.shift)
    addColumnSums(of: gradient, into: gradients.type.row(0))
    addPositionGradients(gradient, rows: pass.rows, into: gradients.position)
  }
}
