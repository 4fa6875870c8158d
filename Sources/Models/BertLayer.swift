// One BERT layer, forward beside backward. Derivation: docs/backward.md.
//
// T tokens, Q of which the output is wanted (all, or each row's first), H hidden, I intermediate.

import Kernels
import Memory

/// One layer: its parameters, its place in the network, and the program's scratch for attention.
struct BertLayer {
  let index: Int
  /// Which tokens the output is wanted of.
  let reach: QueryRange
  let configuration: BertConfiguration
  let parameters: LayerParameters
  let weights: LayerWeights
  let precision: ProductPrecision
  let scratch: AttentionScratch
  /// Whether anything below is trained, so that the gradient of the input is wanted.
  let passesGradient: Bool

  init(
    index: Int, reach: QueryRange, configuration: BertConfiguration, precision: ProductPrecision,
    parameters: LayerParameters, scratch: AttentionScratch, passesGradient: Bool
  ) {
    self.passesGradient = passesGradient
    self.index = index
    self.reach = reach
    self.configuration = configuration
    self.precision = precision
    self.parameters = parameters
    self.scratch = scratch
    weights = LayerWeights(parameters, precision)
  }

  private var shape: AttentionShape {
    AttentionShape(heads: configuration.headCount, headSize: configuration.headSize)
  }

  /// Dropout at this layer's attention probabilities, attention output and output.
  private func dropouts(
    _ moment: RandomKey?
  ) -> (probabilities: Dropout?, attention: Dropout?, output: Dropout?) {
    let place = DropoutPlace.layer(index)
    return (
      place.dropout(configuration.attentionDropout, moment),
      (place + 1).dropout(configuration.hiddenDropout, moment),
      (place + 2).dropout(configuration.hiddenDropout, moment)
    )
  }

  /// `input [T, H]` → `activations.output [Q, H]`.
  func forward(
    _ input: MixedPrecisionMatrix, _ rows: RaggedRows, _ moment: RandomKey?,
    _ activations: LayerActivations, _ workspace: Workspace, progress: () throws -> Void
  ) rethrows {
    let dropout = dropouts(moment)
    let outputRows = reach.rows(rows)
    let attending = activations.attending(input)
    if reach == .firstTokens {
      gatherFirstTokens(input.values, rows: rows, output: attending.values)
      attending.round()
    }
    activations.qkv.project(input, attending: attending, weights)
    try progress()
    attentionForward(
      qkv: activations.qkv.attention, bias: parameters.qkvBias, rows: rows,
      shape: shape, dropout: dropout.probabilities, output: activations.context,
      logSumExp: activations.logSumExp, precision: activations.precision, scratch: scratch)
    try progress()
    multiply(
      activations.context, transposed: weights.attentionDense,
      into: activations.attentionSum)
    residualLayerNormForward(
      dense: activations.attentionSum, bias: parameters.attentionBias, residual: attending.values,
      rows: outputRows, dropout: dropout.attention, gamma: parameters.attentionGamma,
      beta: parameters.attentionBeta, epsilon: configuration.layerNormEpsilon,
      output: activations.attentionOutput, statistics: activations.attentionStatistics)
    try progress()
    denseGELUForward(
      input: activations.attentionOutput.operand, weights: weights.intermediate,
      bias: parameters.intermediateBias, derivative: activations.derivative,
      output: activations.activation, in: workspace)
    try progress()
    multiply(activations.activation, transposed: weights.dense, into: activations.sum)
    try progress()
    residualLayerNormForward(
      dense: activations.sum, bias: parameters.denseBias,
      residual: activations.attentionOutput.values, rows: outputRows, dropout: dropout.output,
      gamma: parameters.gamma, beta: parameters.beta, epsilon: configuration.layerNormEpsilon,
      output: activations.output, statistics: activations.statistics)
  }

  /// Fills `gradients` and, where it is wanted, `inputGradient [T, H]`.
  /// - Parameter gradient: `[Q, H]`, of the output; scratch afterwards. Where the output is that of all tokens it is
  ///   `inputGradient` itself.
  func backward(
    _ input: MixedPrecisionMatrix, _ rows: RaggedRows, _ moment: RandomKey,
    _ activations: LayerActivations, gradient: Matrix<Float>, inputGradient: Matrix<Float>,
    gradients: LayerParameters, _ workspace: Workspace, progress: () throws -> Void
  ) rethrows {
    gradients.clearSums()
    let start = workspace.mark
    defer { workspace.release(to: start) }
    let branch = Operand(precision, gradient.rows, gradient.columns, in: workspace)
    try backwardFeedForward(
      reach.rows(rows), moment, activations, gradient, branch, gradients, workspace, progress)
    try backwardAttention(
      input, rows, moment, activations, gradient, inputGradient, branch, gradients, workspace,
      progress)
  }

  /// Floats of workspace that `backward` takes for a while; `forward` takes no more.
  static func temporarySize(
    _ configuration: BertConfiguration, _ precision: ProductPrecision, _ reach: QueryRange,
    tokens: Int, rows: Int
  ) -> Int {
    let (hidden, inner) = (configuration.hiddenSize, configuration.intermediateSize)
    let outputs = reach.count(tokens: tokens, rows: rows)
    let feedForward =
      Operand.size(precision, of: outputs * inner)
      + denseGELUTemporarySize(precision, of: outputs * inner)
    let kept = keptPrecision(ofProductsIn: precision)
    let qkv = LayerQKV.size(
      reach, precision, tokens: tokens, rows: rows, hidden: hidden)
    return Operand.size(precision, of: outputs * hidden)
      + max(feedForward, qkv + Operand.size(kept, of: outputs * hidden))
  }

  /// From the layer's output to that of attention. `branch [Q, H]` is scratch.
  private func backwardFeedForward(
    _ rows: RaggedRows, _ moment: RandomKey, _ activations: LayerActivations,
    _ gradient: Matrix<Float>, _ branch: Operand, _ gradients: LayerParameters,
    _ workspace: Workspace, _ progress: () throws -> Void
  ) rethrows {
    let start = workspace.mark
    defer { workspace.release(to: start) }
    let inner = Operand(precision, gradient.rows, configuration.intermediateSize, in: workspace)
    residualLayerNormBackward(
      sum: activations.sum, statistics: activations.statistics, gamma: parameters.gamma, rows: rows,
      dropout: dropouts(moment).output, gradient: gradient, denseGradient: branch,
      gammaGradient: gradients.gamma, betaGradient: gradients.beta,
      biasGradient: gradients.denseBias)
    try progress()
    multiply(transposed: branch, activations.activation, into: gradients.dense)
    try progress()
    denseGELUBackward(
      gradient: branch, weights: weights.dense, derivative: activations.derivative,
      biasGradient: gradients.intermediateBias, inputGradient: inner, in: workspace)
    try progress()
    multiply(transposed: inner, activations.attentionOutput.operand, into: gradients.intermediate)
    try progress()
    multiply(inner, weights.intermediate, into: gradient, accumulate: true)
    try progress()
  }

  /// From attention's output to the layer's input. `branch [Q, H]` is scratch.
  private func backwardAttention(
    _ input: MixedPrecisionMatrix, _ rows: RaggedRows, _ moment: RandomKey,
    _ activations: LayerActivations, _ gradient: Matrix<Float>, _ inputGradient: Matrix<Float>,
    _ branch: Operand, _ gradients: LayerParameters, _ workspace: Workspace,
    _ progress: () throws -> Void
  ) rethrows {
    let start = workspace.mark
    defer { workspace.release(to: start) }
    let qkv = LayerQKV(
      reach, precision, tokens: rows.tokenCount, rows: rows.count, hidden: gradient.columns,
      in: workspace)
    residualLayerNormBackward(
      sum: activations.attentionSum, statistics: activations.attentionStatistics,
      gamma: parameters.attentionGamma, rows: reach.rows(rows),
      dropout: dropouts(moment).attention,
      gradient: gradient, denseGradient: branch, gammaGradient: gradients.attentionGamma,
      betaGradient: gradients.attentionBeta, biasGradient: gradients.attentionBias)
    multiply(
      transposed: branch, activations.context, into: gradients.attentionDense)
    try progress()
    let contextGradient = Operand(
      keptPrecision(ofProductsIn: precision), gradient.rows, gradient.columns, in: workspace)
    multiply(branch, weights.attentionDense, into: contextGradient)
    try progress()
    attentionBackward(
      qkv: activations.qkv.attention, bias: parameters.qkvBias, rows: rows,
      shape: shape, dropout: dropouts(moment).probabilities, output: activations.context,
      logSumExp: activations.logSumExp, outputGradient: contextGradient,
      qkvGradient: qkv.attention, biasGradient: gradients.qkvBias,
      precision: activations.precision, scratch: scratch)
    try progress()
    qkv.setWeightGradient(
      gradients.qkv, input, attending: activations.attending(input))
    guard passesGradient else { return }
    try progress()
    qkv.propagate(weights, adding: gradient, rows, inputGradient: inputGradient)
  }
}

/// One layer's weights as products read them.
struct LayerWeights {
  /// Queries, keys and values, and parts of that.
  let qkv: MixedPrecisionMatrix
  let queries: MixedPrecisionMatrix
  let keysAndValues: MixedPrecisionMatrix
  let attentionDense: MixedPrecisionMatrix
  let intermediate: MixedPrecisionMatrix
  let dense: MixedPrecisionMatrix

  init(_ parameters: LayerParameters, _ precision: ProductPrecision) {
    qkv = MixedPrecisionMatrix(parameters.qkv, precision)
    let hidden = parameters.qkv.columns
    queries = qkv.rows(0..<hidden)
    keysAndValues = qkv.rows(hidden..<3 * hidden)
    attentionDense = MixedPrecisionMatrix(parameters.attentionDense, precision)
    intermediate = MixedPrecisionMatrix(parameters.intermediate, precision)
    dense = MixedPrecisionMatrix(parameters.dense, precision)
  }

  var all: [MixedPrecisionMatrix] { [qkv, attentionDense, intermediate, dense] }
}

extension LayerParameters {
  /// Sets to zero what the kernels add to; products overwrite the rest.
  fileprivate func clearSums() {
    for sum in [
      qkvBias, attentionBias, attentionGamma, attentionBeta, intermediateBias, denseBias,
      gamma, beta,
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
  func dropout(_ probability: Double, _ moment: RandomKey?) -> Dropout? {
    guard let moment, probability > 0 else { return nil }
    return Dropout(
      probability: probability, seed: moment.seed, step: moment.step, place: number)
  }
}
