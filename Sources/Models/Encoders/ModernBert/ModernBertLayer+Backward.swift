// The backward pass of ModernBertLayer.swift. Derivation: docs/explanation/backward.md, "ModernBERT".

import Kernels
import Memory

/// Memory that a layer's backward pass takes for a while.
private struct ModernBertGradients {
  /// Of what goes into the layer's two branches. `[T, H]`
  let branch: MixedPrecisionMatrix
  /// Of the gated part's output. `[T, I]`
  let inner: Matrix<Float>
  /// Of what the gated part reads. `[T, 2I]`
  let gated: Operand
  /// `[T, 3H]`, and of attention's output `[T, H]`.
  let qkv: Operand
  let context: Operand

  init(_ layer: ModernBertLayer, tokens: Int, in workspace: Workspace) {
    let configuration = layer.configuration
    let (hidden, size) = (configuration.hiddenSize, configuration.intermediateSize)
    let precision = layer.shared.precision
    branch = MixedPrecisionMatrix(precision, tokens, hidden, in: workspace)
    inner = workspace.matrix(tokens, size)
    gated = Operand(precision, tokens, 2 * size, in: workspace)
    qkv = Operand(precision, tokens, 3 * hidden, in: workspace)
    context = Operand(
      keptPrecision(ofProductsIn: precision), tokens, hidden, in: workspace)
  }
}

extension ModernBertLayer {
  /// Fills `gradients`, and turns `gradient [T, H]`, that of the output, into that of the input, if
  /// it is wanted.
  func backward(
    _ pass: ModernBertLayerPass, _ gradient: Matrix<Float>, _ gradients: ModernBertLayerParameters
  ) {
    pass.workspace.temporarily {
      let memory = ModernBertGradients(self, tokens: gradient.rows, in: pass.workspace)
      backwardGated(pass, gradient, memory, gradients)
      backwardAttention(pass, gradient, memory, gradients)
    }
  }

  /// Takes what `backward` does.
  func reserveBackward(tokens: Int, in workspace: Workspace) {
    _ = ModernBertGradients(self, tokens: tokens, in: workspace)
  }

  private func backwardGated(
    _ pass: ModernBertLayerPass, _ gradient: Matrix<Float>, _ memory: ModernBertGradients,
    _ gradients: ModernBertLayerParameters
  ) {
    let activations = pass.activations
    memory.branch.values.vector.copy(from: gradient.vector)
    setGradients(of: gradients.dense, memory.branch, activations.gated.output)
    multiply(memory.branch.operand, weights.dense, into: memory.inner)
    gradients.gated.bias?.fill(0)
    gatedBackward(
      gradient: memory.inner, derivative: activations.gated.derivative,
      biasGradient: gradients.gated.bias, inputGradient: memory.gated)
    multiply(
      transposed: memory.gated, activations.normalized.operand, into: gradients.gated.weight)
    let branch = memory.branch.values
    multiply(memory.gated, weights.gated, into: branch)
    layerNormBackward(
      input: activations.sum, statistics: activations.statistics, norm(parameters.norm),
      gradient: branch, sums: gradients.norm.sums(none: shared.noBetaGradient))
    add(branch.vector, into: gradient.vector)
  }

  /// Of a dense layer: those of its parameters, from that of its output, which products can read
  /// then.
  private func setGradients(
    of parameters: ModernBertDense, _ gradient: MixedPrecisionMatrix, _ input: Operand
  ) {
    if let bias = parameters.bias {
      bias.fill(0)
      addColumnSums(of: gradient.values, into: bias)
    }
    gradient.round()
    multiply(transposed: gradient.operand, input, into: parameters.weight)
  }

  private func backwardAttention(
    _ pass: ModernBertLayerPass, _ gradient: Matrix<Float>, _ memory: ModernBertGradients,
    _ gradients: ModernBertLayerParameters
  ) {
    let activations = pass.activations
    memory.branch.values.vector.copy(from: gradient.vector)
    if let dropout = dropouts(pass.key).attention {
      applyDropout(dropout, to: memory.branch.values, rows: pass.rows)
    }
    setGradients(of: gradients.attentionDense, memory.branch, activations.attention.output)
    multiply(memory.branch.operand, weights.attentionDense, into: memory.context)
    attentionBackward(
      attentionInputs(pass), activations.attention,
      gradients: AttentionGradients(
        output: memory.context, qkv: AttentionQKV(memory.qkv), bias: shared.sink),
      precision: activations.precision, scratch: shared.scratch)
    gradients.qkv.bias?.fill(0)
    forEachPart(of: memory.qkv, gradients.qkv.bias) { part, sums, positions in
      rotateBack(part, sums: sums, by: positions, rows: pass.rows)
    }
    multiply(
      transposed: memory.qkv, activations.attentionInput.operand, into: gradients.qkv.weight)
    propagate(pass, gradient, memory, gradients.attentionNorm)
  }

  /// Through the product that makes queries, keys and values, and the LayerNorm below it.
  private func propagate(
    _ pass: ModernBertLayerPass, _ gradient: Matrix<Float>, _ memory: ModernBertGradients,
    _ sums: ModernBertNorm?
  ) {
    let branch = memory.branch.values
    if let attentionNorm = parameters.attentionNorm, let sums {
      multiply(memory.qkv, weights.qkv, into: branch)
      layerNormBackward(
        input: pass.input, statistics: pass.activations.attentionStatistics, norm(attentionNorm),
        gradient: branch, sums: sums.sums(none: shared.noBetaGradient))
      add(branch.vector, into: gradient.vector)
    } else if passesGradient {
      multiply(memory.qkv, weights.qkv, into: gradient, accumulate: true)
    }
  }
}
