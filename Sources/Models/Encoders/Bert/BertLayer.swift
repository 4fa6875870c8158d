// One BERT layer, forward beside backward. Derivation: docs/explanation/backward.md.
//
// T tokens, Q of which the output is wanted (all, or each row's first), H hidden, I intermediate.

import Kernels
import Memory

/// One layer: its parameters, its place in the network, and the program's scratch for attention.
struct BertLayer {
  let index: Int
  /// Which tokens the output is wanted of.
  let queryRange: QueryRange
  let configuration: BertConfiguration
  let parameters: BertLayerParameters
  let weights: BertLayerWeights
  let precision: ProductPrecision
  let attention: LayerAttention
  /// Whether anything below is trained, so that the gradient of the input is wanted.
  let passesGradient: Bool

  init(
    _ configuration: BertConfiguration, _ index: Int, _ use: EncoderUse,
    parameters: BertLayerParameters, attention: LayerAttention
  ) {
    self.index = index
    self.configuration = configuration
    self.parameters = parameters
    self.attention = attention
    precision = use.precision
    queryRange = index == configuration.layerCount - 1 ? use.output : .allTokens
    passesGradient =
      !use.freezing.includesEmbeddings
      || index > use.freezing.layerCount(of: configuration.layerCount)
    weights = BertLayerWeights(parameters, precision)
  }

  /// Dropout at this layer's attention probabilities, attention output and output.
  private func dropouts(
    _ key: RandomKey?
  ) -> (probabilities: Dropout?, attention: Dropout?, output: Dropout?) {
    let place = DropoutPlace.layer(index)
    return (
      place.dropout(configuration.attentionDropout, key),
      (place + 1).dropout(configuration.hiddenDropout, key),
      (place + 2).dropout(configuration.hiddenDropout, key)
    )
  }

  /// Memory for what the forward pass leaves.
  func activations(_ size: MicrobatchSize, in workspace: Workspace) -> LayerActivations {
    LayerActivations(configuration, precision, queryRange, size, workspace)
  }

  /// What attention reads in a pass.
  private func attentionInputs(_ pass: LayerPass) -> AttentionInputs {
    var inputs = AttentionInputs(
      qkv: pass.activations.qkv.attention, bias: parameters.qkvBias, rows: pass.rows,
      shape: AttentionShape(heads: configuration.headCount, headSize: configuration.headSize),
      dropout: dropouts(pass.key).probabilities)
    if let relative = attention.relative { inputs.extent = .relative(relative) }
    return inputs
  }

  /// The LayerNorm of attention's output.
  private var attentionNorm: LayerNormParameters {
    LayerNormParameters(
      gamma: parameters.attentionGamma, beta: parameters.attentionBeta,
      epsilon: configuration.layerNormEpsilon)
  }

  /// The LayerNorm of the layer's output.
  private var norm: LayerNormParameters {
    LayerNormParameters(
      gamma: parameters.gamma, beta: parameters.beta, epsilon: configuration.layerNormEpsilon)
  }

  /// `pass.input [T, H]` → `pass.activations.output [Q, H]`.
  func forward(_ pass: LayerPass) {
    let (activations, dropout) = (pass.activations, dropouts(pass.key))
    let outputRows = queryRange.rows(pass.rows)
    let attending = pass.attending
    if queryRange == .firstTokens {
      gatherFirstTokens(pass.input.values, rows: pass.rows, output: attending.values)
      attending.round()
    }
    activations.qkv.project(pass.input, attending: attending, weights)
    attentionForward(
      attentionInputs(pass), into: activations.attention, precision: activations.precision,
      scratch: attention.scratch)
    multiply(
      activations.attention.output, transposed: weights.attentionDense,
      into: activations.attentionSum)
    residualLayerNormForward(
      ResidualInputs(
        dense: activations.attentionSum, bias: parameters.attentionBias,
        residual: attending.values, rows: outputRows, dropout: dropout.attention),
      attentionNorm, output: activations.attentionOutput,
      statistics: activations.attentionStatistics)
    denseGELUForward(
      input: activations.attentionOutput.operand,
      layer: ActivatedLayer(
        weights: weights.intermediate, bias: parameters.intermediateBias,
        activation: configuration.activation),
      into: activations.gelu, in: pass.workspace)
    multiply(activations.gelu.output, transposed: weights.dense, into: activations.sum)
    residualLayerNormForward(
      ResidualInputs(
        dense: activations.sum, bias: parameters.denseBias,
        residual: activations.attentionOutput.values, rows: outputRows, dropout: dropout.output),
      norm, output: activations.output, statistics: activations.statistics)
  }

  /// Fills `gradients.parameters` and, if it is wanted, `gradients.input [T, H]`.
  func backward(_ pass: LayerPass, _ gradients: LayerGradients) {
    gradients.parameters.clearSums()
    pass.workspace.temporarily {
      let branch = branchGradient(pass.outputCount(queryRange), in: pass.workspace)
      pass.workspace.temporarily { backwardFeedForward(pass, gradients, branch) }
      pass.workspace.temporarily { backwardAttention(pass, gradients, branch) }
    }
  }

  /// From the layer's output to that of attention. `branch [Q, H]` is scratch.
  private func backwardFeedForward(
    _ pass: LayerPass, _ gradients: LayerGradients, _ branch: Operand
  ) {
    let (activations, sums) = (pass.activations, gradients.parameters)
    let inner = innerGradient(pass.outputCount(queryRange), in: pass.workspace)
    residualLayerNormBackward(
      ResidualSum(
        values: activations.sum, statistics: activations.statistics,
        rows: queryRange.rows(pass.rows), dropout: dropouts(pass.key).output),
      norm, gradient: gradients.output,
      into: ResidualGradients(
        dense: branch, bias: sums.denseBias,
        norm: LayerNormGradients(gamma: sums.gamma, beta: sums.beta)))
    multiply(transposed: branch, activations.gelu.output, into: sums.dense)
    denseGELUBackward(
      gradient: branch, weights: weights.dense, derivative: activations.gelu.derivative,
      into: GELUGradients(bias: sums.intermediateBias, input: inner), in: pass.workspace)
    multiply(transposed: inner, activations.attentionOutput.operand, into: sums.intermediate)
    multiply(inner, weights.intermediate, into: gradients.output, accumulate: true)
  }

  /// From attention's output to the layer's input. `branch [Q, H]` is scratch.
  private func backwardAttention(
    _ pass: LayerPass, _ gradients: LayerGradients, _ branch: Operand
  ) {
    let (activations, sums) = (pass.activations, gradients.parameters)
    let (qkv, context) = attentionGradients(MicrobatchSize(pass.rows), in: pass.workspace)
    residualLayerNormBackward(
      ResidualSum(
        values: activations.attentionSum, statistics: activations.attentionStatistics,
        rows: queryRange.rows(pass.rows), dropout: dropouts(pass.key).attention),
      attentionNorm, gradient: gradients.output,
      into: ResidualGradients(
        dense: branch, bias: sums.attentionBias,
        norm: LayerNormGradients(gamma: sums.attentionGamma, beta: sums.attentionBeta)))
    multiply(transposed: branch, activations.attention.output, into: sums.attentionDense)
    multiply(branch, weights.attentionDense, into: context)
    attentionBackward(
      attentionInputs(pass), activations.attention,
      gradients: AttentionGradients(
        output: context, qkv: qkv.attention, bias: sums.qkvBias, relative: gradients.relative),
      precision: activations.precision, scratch: attention.scratch)
    qkv.setWeightGradient(sums.qkv, pass.input, attending: pass.attending)
    guard passesGradient else { return }
    qkv.propagate(
      weights, adding: gradients.output, pass.rows, inputGradient: gradients.input)
  }
}

// The memory that passes take for a while.
extension BertLayer {
  private func branchGradient(_ outputs: Int, in workspace: Workspace) -> Operand {
    Operand(precision, outputs, configuration.hiddenSize, in: workspace)
  }

  private func innerGradient(_ outputs: Int, in workspace: Workspace) -> Operand {
    Operand(precision, outputs, configuration.intermediateSize, in: workspace)
  }

  private func attentionGradients(
    _ size: MicrobatchSize, in workspace: Workspace
  ) -> (qkv: LayerQKV, context: Operand) {
    let hidden = configuration.hiddenSize
    let qkv = LayerQKV(queryRange, precision, size, hidden: hidden, in: workspace)
    let context = Operand(
      keptPrecision(ofProductsIn: precision), queryRange.count(size), hidden, in: workspace)
    return (qkv, context)
  }

  /// Takes what `forward` does, with the activations of a layer that keeps none.
  func reserveForward(_ size: MicrobatchSize, in workspace: Workspace) {
    _ = activations(size, in: workspace)
    reserveDenseGELU(
      precision, queryRange.count(size), configuration.intermediateSize, in: workspace)
  }

  /// Takes what `backward` does; `forward` takes no more besides its activations.
  func reserveBackward(_ size: MicrobatchSize, in workspace: Workspace) {
    let outputs = queryRange.count(size)
    _ = branchGradient(outputs, in: workspace)
    workspace.temporarily {
      _ = innerGradient(outputs, in: workspace)
      reserveDenseGELU(precision, outputs, configuration.intermediateSize, in: workspace)
    }
    workspace.temporarily { _ = attentionGradients(size, in: workspace) }
  }
}

extension BertLayerParameters {
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
