// GELU with erf (Hendrycks, Gimpel 2016), forward and backward: gelu(x) = x·Φ(x),
// gelu'(x) = Φ(x) + x·φ(x). Derivation: docs/backward.md, "GELU".

import CVector
import Memory

/// output = gelu(input + bias); `input` is replaced by gelu'(input + bias), all that the backward
/// pass needs.
/// - Parameters:
///   - input: `[T, I]` in: a product without its bias; out: the derivative.
///   - bias: `[I]`
///   - output: `[T, I]`
public func geluForward(input: Matrix<Float>, bias: Vector<Float>, output: Operand) {
  let timer = KernelTimer(.gelu)
  defer { timer.stop() }
  switch output {
  case .float32(let output): geluForward(input, bias, output)
  case .bfloat16(let output): geluForward(input, bias, output)
  }
}

private func geluForward<Output: StorableLanes>(
  _ input: Matrix<Float>, _ bias: Vector<Float>, _ output: Matrix<Output>
) {
  precondition(input.rows == output.rows && input.columns == output.columns)
  precondition(bias.count == input.columns)
  let inverseRoot = Float(0.398_942_28)  // 1/√(2π)
  for token in 0..<input.rows {
    let source = input.pointer + token * input.stride
    let target = output.pointer + token * output.stride
    forEachVector(input.columns) { i, lanes in
      let x = load(source + i, lanes) + load(bias.pointer + i, lanes)
      let (cumulative, density) = normalDistribution(x)
      Output.store(x * cumulative, target + i, lanes)
      store(cumulative.addingProduct(x * inverseRoot, density), source + i, lanes)
    }
  }
}

/// inputGradient = gradient∘derivative, and its sums over tokens, before any rounding, are added to
/// the bias gradient.
/// - Parameters:
///   - gradient: `[T, I]` of GELU's output.
///   - derivative: `[T, I]` as left by `geluForward`.
///   - biasGradient: `[I]` is added to.
///   - inputGradient: `[T, I]` may be `gradient`.
public func geluBackward(
  gradient: Matrix<Float>, derivative: Matrix<Float>, biasGradient: Vector<Float>,
  inputGradient: Operand
) {
  let timer = KernelTimer(.gelu)
  defer { timer.stop() }
  switch inputGradient {
  case .float32(let target): geluBackward(gradient, derivative, biasGradient, target)
  case .bfloat16(let target): geluBackward(gradient, derivative, biasGradient, target)
  }
}

private func geluBackward<Output: StorableLanes>(
  _ gradient: Matrix<Float>, _ derivative: Matrix<Float>, _ biasGradient: Vector<Float>,
  _ inputGradient: Matrix<Output>
) {
  precondition(gradient.rows == derivative.rows && gradient.columns == derivative.columns)
  precondition(gradient.rows == inputGradient.rows && gradient.columns == inputGradient.columns)
  precondition(biasGradient.count == gradient.columns)
  for token in 0..<gradient.rows {
    let line = gradient.pointer + token * gradient.stride
    let slope = derivative.pointer + token * derivative.stride
    let target = inputGradient.pointer + token * inputGradient.stride
    forEachVector(gradient.columns) { i, lanes in
      let value = load(line + i, lanes) * load(slope + i, lanes)
      Output.store(value, target + i, lanes)
      store(load(biasGradient.pointer + i, lanes) + value, biasGradient.pointer + i, lanes)
    }
  }
}
