// A dense layer with GELU or ReLU behind it, or below it on the way back. By matrix tiles each
// block of sums goes through it as soon as it is there: written in single precision and read again, the
// sums were most of the memory traffic of a layer. Elsewhere the product is made whole first.
//
// T tokens, H hidden size, I intermediate size.

import CTiles
import Memory

/// A dense layer and what follows it.
public struct ActivatedLayer {
  /// `[I, H]`
  public let weights: MixedPrecisionMatrix
  /// `[I]`
  public let bias: Vector<Float>
  /// What follows.
  public let activation: Activation

  /// See the properties.
  public init(
    weights: MixedPrecisionMatrix, bias: Vector<Float>, activation: Activation = .gelu
  ) {
    (self.weights, self.bias, self.activation) = (weights, bias, activation)
  }
}

/// What GELU puts out. T tokens, I values each; both operands are of one precision.
public struct GELUResults {
  /// gelu' of what was read, kept for the backward pass. `[T, I]`
  public let derivative: Operand
  /// `[T, I]`
  public let output: Operand

  /// See the properties.
  public init(derivative: Operand, output: Operand) {
    self.derivative = derivative
    self.output = output
  }
}

/// Where the gradients of what GELU reads go.
public struct GELUGradients {
  /// Of the bias: sums over tokens, before any rounding, are added. `[I]`
  public let bias: Vector<Float>
  /// In the precision of the derivative; overwritten. `[T, I]`
  public let input: Operand

  /// See the properties.
  public init(bias: Vector<Float>, input: Operand) {
    self.bias = bias
    self.input = input
  }
}

/// output = f(input·weightsᵀ + bias), derivative = f' of the same.
/// - Parameters:
///   - input: `[T, H]`
///   - layer: weights, bias and f.
///   - results: of the precision of the input; overwritten.
///   - workspace: for what `reserveDenseGELU` takes.
public func denseGELUForward(
  input: Operand, layer: ActivatedLayer, into results: GELUResults, in workspace: Workspace
) {
  let (weights, bias, activation) = (layer.weights, layer.bias, layer.activation)
  let (derivative, output) = (results.derivative, results.output)
  switch (input, weights.operand, derivative, output) {
  case (.float32(let input), _, .float32(let derivative), .float32):
    multiply(input, transposed: weights.values, into: derivative)
    geluForward(
      input: derivative, bias: bias, activation, derivative: .float32(derivative), output: output)
  case (.bfloat16(let input), .bfloat16(let weights), .bfloat16(let slope), .bfloat16(let target)):
    if let product = AMXProduct(input, transposed: weights) {
      let timer = KernelTimer(.forwardProduct)
      defer { timer.stop() }
      precondition(target.rows == input.rows && target.columns == weights.rows)
      product.run(GELUForward(bias: bias, activation, derivative: slope, output: target))
    } else {
      let start = workspace.mark
      defer { workspace.release(to: start) }
      let sums = workspace.matrix(input.rows, weights.rows)
      multiply(input, transposed: weights, into: sums)
      geluForward(input: sums, bias: bias, activation, derivative: derivative, output: output)
    }
  default: unlikeOperands()
  }
}

/// (gradient·weights)∘derivative, the gradient of what GELU reads.
/// - Parameters:
///   - gradient: `[T, H]`, of the output of the dense layer above GELU.
///   - weights: `[H, I]`, of that layer.
///   - derivative: `[T, I]` as left by `denseGELUForward`; all operands are of one precision.
///   - workspace: for what `reserveDenseGELU` takes.
public func denseGELUBackward(
  gradient: Operand, weights: MixedPrecisionMatrix, derivative: Operand,
  into gradients: GELUGradients, in workspace: Workspace
) {
  let (biasGradient, inputGradient) = (gradients.bias, gradients.input)
  switch (gradient, weights.operand, derivative, inputGradient) {
  case (.float32(let gradient), _, .float32, .float32(let target)):
    multiply(gradient, weights.values, into: target)
    geluBackward(
      gradient: target, derivative: derivative, biasGradient: biasGradient,
      inputGradient: inputGradient)
  case (
    .bfloat16(let gradient), .bfloat16(let weights), .bfloat16(let slope), .bfloat16(let target)
  ):
    if let product = AMXProduct(gradient, weights) {
      let timer = KernelTimer(.inputGradientProduct)
      defer { timer.stop() }
      precondition(target.rows == gradient.rows && target.columns == weights.columns)
      product.run(
        GELUBackward(derivative: slope, biasGradient: biasGradient, inputGradient: target))
    } else {
      let start = workspace.mark
      defer { workspace.release(to: start) }
      let sums = workspace.matrix(gradient.rows, weights.columns)
      multiply(gradient, weights, into: sums)
      geluBackward(
        gradient: sums, derivative: derivative, biasGradient: biasGradient,
        inputGradient: inputGradient)
    }
  default: unlikeOperands()
  }
}

/// Takes of the workspace what the two do for a while, for `[T, I]` values.
public func reserveDenseGELU(
  _ precision: ProductPrecision, _ rows: Int, _ columns: Int, in workspace: Workspace
) {
  guard precision == .bfloat16, !AMXProduct.isAvailable else { return }
  _ = workspace.matrix(rows, columns)
}

extension GELUForward: ProductEpilogue {
  @inline(__always)
  func results(row: Int, column: Int) -> (result_lines, result_lines) {
    (lines(of: derivative, row, column), lines(of: output, row, column))
  }

  func finish(_ block: ProductBlock) {
    write(block.sums, stride: tileSize, rows: block.rows, columns: block.columns)
  }
}

extension GELUBackward: ProductEpilogue {
  @inline(__always)
  func results(row: Int, column: Int) -> (result_lines, result_lines) {
    (lines(of: derivative, row, column), lines(of: inputGradient, row, column))
  }

  func finish(_ block: ProductBlock) {
    write(block.sums, stride: tileSize, rows: block.rows, columns: block.columns)
  }
}
