// One BERT layer, forward beside backward. Derivation: docs/backward.md.
//
// T tokens, H hidden, I intermediate.

import Kernels
import Memory

/// One layer: its parameters, its place in the network, and the program's scratch for attention.
struct BertLayer {
  let index: Int
  let configuration: BertConfiguration
  let parameters: LayerParameters
  let scratch: AttentionScratch

  private var shape: AttentionShape {
    AttentionShape(heads: configuration.headCount, headSize: configuration.headSize)
  }

  /// Dropout at this layer's attention probabilities, attention output and output.
  private func dropouts(
    _ moment: TrainingMoment?
  ) -> (probabilities: Dropout?, attention: Dropout?, output: Dropout?) {
    let place = DropoutPlace.layer(index)
    return (
      place.dropout(configuration.attentionDropout, moment),
      (place + 1).dropout(configuration.hiddenDropout, moment),
      (place + 2).dropout(configuration.hiddenDropout, moment)
    )
  }

  /// `input [T, H]` → `activations.output [T, H]`.
  func forward(
    _ input: Matrix<Float>, _ rows: RaggedRows, _ moment: TrainingMoment?,
    _ activations: LayerActivations
  ) {
    let dropout = dropouts(moment)
    multiply(input, transposed: parameters.projection, into: activations.projection)
    attentionForward(
      projection: activations.projection, bias: parameters.projectionBias, rows: rows,
      shape: shape, dropout: dropout.probabilities, output: activations.context,
      logSumExp: activations.logSumExp, scratch: scratch)
    multiply(
      activations.context, transposed: parameters.attentionDense, into: activations.attentionSum)
    residualLayerNormForward(
      dense: activations.attentionSum, bias: parameters.attentionBias, residual: input, rows: rows,
      dropout: dropout.attention, gain: parameters.attentionGain,
      shift: parameters.attentionShift, epsilon: configuration.layerNormEpsilon,
      output: activations.attentionOutput, statistics: activations.attentionStatistics)
    multiply(
      activations.attentionOutput, transposed: parameters.intermediate,
      into: activations.derivative)
    geluForward(
      input: activations.derivative, bias: parameters.intermediateBias,
      output: activations.activation)
    multiply(activations.activation, transposed: parameters.dense, into: activations.sum)
    residualLayerNormForward(
      dense: activations.sum, bias: parameters.denseBias, residual: activations.attentionOutput,
      rows: rows, dropout: dropout.output, gain: parameters.gain, shift: parameters.shift,
      epsilon: configuration.layerNormEpsilon, output: activations.output,
      statistics: activations.statistics)
  }

  /// Fills `gradients`, and turns `gradient [T, H]` of the output into that of the input.
  func backward(
    _ input: Matrix<Float>, _ rows: RaggedRows, _ moment: TrainingMoment,
    _ activations: LayerActivations, gradient: Matrix<Float>, gradients: LayerParameters,
    _ workspace: Workspace
  ) {
    gradients.clearSums()
    let start = workspace.mark
    defer { workspace.release(to: start) }
    let (tokens, hidden) = (gradient.rows, gradient.columns)
    let branch = workspace.matrix(tokens, hidden)
    let wide = workspace.vector(tokens * max(3 * hidden, configuration.intermediateSize))
    backwardFeedForward(
      rows, moment, activations, gradient, branch,
      wide[0..<tokens * configuration.intermediateSize]
        .matrix(tokens, configuration.intermediateSize), gradients)
    backwardAttention(
      input, rows, moment, activations, gradient, branch,
      wide[0..<tokens * 3 * hidden].matrix(tokens, 3 * hidden), gradients, workspace)
  }

  /// Floats of workspace that `backward` takes for a while.
  static func temporarySize(_ configuration: BertConfiguration, tokens: Int) -> Int {
    let (hidden, inner) = (configuration.hiddenSize, configuration.intermediateSize)
    return 2 * Workspace.size(of: tokens * hidden)
      + Workspace.size(of: tokens * max(3 * hidden, inner))
  }

  /// From the layer's output to that of attention. `branch [T, H]`, `inner [T, I]` are scratch.
  private func backwardFeedForward(
    _ rows: RaggedRows, _ moment: TrainingMoment, _ activations: LayerActivations,
    _ gradient: Matrix<Float>, _ branch: Matrix<Float>, _ inner: Matrix<Float>,
    _ gradients: LayerParameters
  ) {
    residualLayerNormBackward(
      sum: activations.sum, statistics: activations.statistics, gain: parameters.gain, rows: rows,
      dropout: dropouts(moment).output, gradient: gradient, denseGradient: branch,
      gainGradient: gradients.gain, shiftGradient: gradients.shift,
      biasGradient: gradients.denseBias)
    multiply(transposed: branch, activations.activation, into: gradients.dense)
    multiply(branch, parameters.dense, into: inner)
    geluBackward(
      gradient: inner, derivative: activations.derivative, biasGradient: gradients.intermediateBias)
    multiply(transposed: inner, activations.attentionOutput, into: gradients.intermediate)
    multiply(inner, parameters.intermediate, into: gradient, accumulate: true)
  }

  /// From attention's output to the layer's input. `branch [T, H]`, `wide [T, 3H]` are scratch.
  private func backwardAttention(
    _ input: Matrix<Float>, _ rows: RaggedRows, _ moment: TrainingMoment,
    _ activations: LayerActivations, _ gradient: Matrix<Float>, _ branch: Matrix<Float>,
    _ wide: Matrix<Float>, _ gradients: LayerParameters, _ workspace: Workspace
  ) {
    residualLayerNormBackward(
      sum: activations.attentionSum, statistics: activations.attentionStatistics,
      gain: parameters.attentionGain, rows: rows, dropout: dropouts(moment).attention,
      gradient: gradient, denseGradient: branch, gainGradient: gradients.attentionGain,
      shiftGradient: gradients.attentionShift, biasGradient: gradients.attentionBias)
    multiply(transposed: branch, activations.context, into: gradients.attentionDense)
    let contextGradient = workspace.matrix(gradient.rows, gradient.columns)
    multiply(branch, parameters.attentionDense, into: contextGradient)
    attentionBackward(
      projection: activations.projection, bias: parameters.projectionBias, rows: rows,
      shape: shape, dropout: dropouts(moment).probabilities, output: activations.context,
      logSumExp: activations.logSumExp, outputGradient: contextGradient,
      projectionGradient: wide, scratch: scratch)
    addColumnSums(of: wide, into: gradients.projectionBias)
    multiply(transposed: wide, input, into: gradients.projection)
    multiply(wide, parameters.projection, into: gradient, accumulate: true)
  }
}

extension LayerParameters {
  /// Sets to zero what the kernels add to; products overwrite the rest.
  fileprivate func clearSums() {
    for sum in [
      projectionBias, attentionBias, attentionGain, attentionShift, intermediateBias, denseBias,
      gain, shift,
    ] {
      sum.fill(0)
    }
  }
}

/// Numbers the places of the network that have dropout.
struct DropoutPlace {
  let number: Int

  /// After the embeddings.
  static let embeddings = DropoutPlace(number: 0)
  /// Before the classifier.
  static let classifier = DropoutPlace(number: 1)

  /// The first of a layer's four places.
  static func layer(_ index: Int) -> DropoutPlace { DropoutPlace(number: 4 + 4 * index) }

  static func + (place: DropoutPlace, offset: Int) -> DropoutPlace {
    DropoutPlace(number: place.number + offset)
  }

  /// Dropout here, or nil where there is none.
  func dropout(_ probability: Double, _ moment: TrainingMoment?) -> Dropout? {
    guard let moment, probability > 0 else { return nil }
    return Dropout(
      probability: probability, seed: moment.seed, step: moment.step, place: number)
  }
}
