// One ModernBERT layer, forward beside backward. Derivation: docs/explanation/backward.md, "ModernBERT".
//   h₁ = h + drop(attention(LN(h))·Wᵀ),  output = h₁ + (drop(f(a)∘g))·Wᵀ with (a, g) = LN(h₁)·Wᵀ
// The first layer has no first LayerNorm.
//
// T tokens, H hidden, I intermediate.

import Kernels
import Memory

/// What all layers share.
struct ModernBertShared {
  let configuration: ModernBertConfiguration
  let precision: ProductPrecision
  let scratch: AttentionScratch
  /// Of global and of other layers.
  let globalPositions: RotaryPositions
  let localPositions: RotaryPositions
  /// What stands for biases that there are none of: zeros, and where their gradients go. `[3H]`
  let zeros: Vector<Float>
  let sink: Vector<Float>

  init(_ configuration: ModernBertConfiguration, _ use: EncoderUse) {
    self.configuration = configuration
    precision = use.precision
    let size = configuration.headSize
    scratch = AttentionScratch(
      longestRow: use.longestRow, headSize: size, precision: use.precision)
    globalPositions = RotaryPositions(
      base: configuration.globalBase, headSize: size, longestRow: use.longestRow)
    localPositions = RotaryPositions(
      base: configuration.localBase, headSize: size, longestRow: use.longestRow)
    zeros = Vector(zeros: 3 * configuration.hiddenSize)
    sink = Vector(zeros: 3 * configuration.hiddenSize)
  }

  var noBeta: Vector<Float> { zeros[0..<configuration.hiddenSize] }
  var noBetaGradient: Vector<Float> { sink[0..<configuration.hiddenSize] }
}

/// One microbatch in one layer.
struct ModernBertLayerPass {
  /// `[T, H]`
  let input: Matrix<Float>
  let rows: RaggedRows
  /// Of dropout; nil for none.
  let key: RandomKey?
  let activations: ModernBertActivations
  let workspace: Workspace
}

/// One layer: its parameters, and its place in the network.
struct ModernBertLayer {
  let index: Int
  let shared: ModernBertShared
  let parameters: ModernBertLayerParameters
  let weights: ModernBertLayerWeights
  /// Whether anything below is trained, so that the gradient of the input is wanted.
  let passesGradient: Bool

  var configuration: ModernBertConfiguration { shared.configuration }
  private var isGlobal: Bool { configuration.isGlobal[index] }
  private var positions: RotaryPositions {
    isGlobal ? shared.globalPositions : shared.localPositions
  }

  /// Dropout of probabilities, of what attention puts out, and behind the activation.
  func dropouts(
    _ key: RandomKey?
  ) -> (probabilities: Dropout?, attention: Dropout?, gated: Dropout?) {
    let place = DropoutPlace.layer(index)
    return (
      place.dropout(configuration.attentionDropout, key),
      (place + 1).dropout(configuration.attentionDropout, key),
      (place + 2).dropout(configuration.hiddenDropout, key)
    )
  }

  func norm(_ norm: ModernBertNorm) -> LayerNormParameters {
    norm.parameters(configuration, none: shared.noBeta)
  }

  /// What attention reads; biases are in it already.
  func attentionInputs(_ pass: ModernBertLayerPass) -> AttentionInputs {
    var inputs = AttentionInputs(
      qkv: AttentionQKV(pass.activations.qkv), bias: shared.zeros, rows: pass.rows,
      shape: AttentionShape(heads: configuration.headCount, headSize: configuration.headSize),
      dropout: dropouts(pass.key).probabilities)
    if !isGlobal { inputs.extent = .window(configuration.windowHalf) }
    return inputs
  }

  /// `pass.input [T, H]` → `pass.activations.output [T, H]`.
  func forward(_ pass: ModernBertLayerPass) {
    let activations = pass.activations
    forwardAttention(pass)
    layerNormForward(
      input: activations.sum, norm(parameters.norm), output: activations.normalized.values,
      statistics: activations.statistics)
    activations.normalized.round()
    pass.workspace.temporarily { forwardGated(pass) }
    multiply(activations.gated.output, transposed: weights.dense, into: activations.output)
    if let bias = parameters.dense.bias { addBias(bias, to: activations.output) }
    add(activations.sum.vector, into: activations.output.vector)
  }

  private func forwardAttention(_ pass: ModernBertLayerPass) {
    let activations = pass.activations
    let input = activations.attentionInput
    if let attentionNorm = parameters.attentionNorm {
      layerNormForward(
        input: pass.input, norm(attentionNorm), output: input.values,
        statistics: activations.attentionStatistics)
    } else {
      input.values.vector.copy(from: pass.input.vector)
    }
    input.round()
    multiply(input.operand, transposed: weights.qkv, into: activations.qkv)
    forEachPart(of: activations.qkv, parameters.qkv.bias) { part, bias, positions in
      rotate(part, bias: bias, by: positions, rows: pass.rows)
    }
    attentionForward(
      attentionInputs(pass), into: activations.attention, precision: activations.precision,
      scratch: shared.scratch)
    multiply(
      activations.attention.output, transposed: weights.attentionDense, into: activations.sum)
    if let bias = parameters.attentionDense.bias { addBias(bias, to: activations.sum) }
    if let dropout = dropouts(pass.key).attention {
      applyDropout(dropout, to: activations.sum, rows: pass.rows)
    }
    add(pass.input.vector, into: activations.sum.vector)
  }

  /// Queries, keys and values with their part of a bias or of its gradient, and by what they
  /// are rotated.
  func forEachPart(
    of qkv: Operand, _ bias: Vector<Float>?,
    _ body: (_ part: Operand, _ bias: Vector<Float>?, _ positions: RotaryPositions?) -> Void
  ) {
    let hidden = configuration.hiddenSize
    for part in 0..<3 {
      let columns = part * hidden..<(part + 1) * hidden
      body(qkv.columns(columns), bias?[columns], part < 2 ? positions : nil)
    }
  }

  private func forwardGated(_ pass: ModernBertLayerPass) {
    let (activations, dropout) = (pass.activations, dropouts(pass.key).gated)
    let sums = gatedSums(pass.activations.gated.derivative, in: pass.workspace)
    multiply(activations.normalized.operand, transposed: weights.gated, into: sums)
    gatedForward(
      GatedInputs(
        values: sums, bias: parameters.gated.bias, activation: configuration.activation,
        rows: pass.rows, dropout: dropout),
      into: activations.gated)
  }

  /// Memory for the product that the gated part reads: where its derivative will be, if that is in
  /// single precision. `[T, 2I]`
  private func gatedSums(_ derivative: Operand, in workspace: Workspace) -> Matrix<Float> {
    if case .float32(let matrix) = derivative { return matrix }
    return workspace.matrix(derivative.rows, derivative.columns)
  }

  /// Takes what `forward` does besides the activations.
  func reserveForward(tokens: Int, in workspace: Workspace) {
    guard shared.precision != .float32 else { return }
    _ = workspace.matrix(tokens, 2 * configuration.intermediateSize)
  }
}
