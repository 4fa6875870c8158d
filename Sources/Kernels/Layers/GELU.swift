// GELU with erf (Hendrycks, Gimpel 2016), forward and backward, or another activation in its place
// (Activation.swift): gelu(x) = x·Φ(x), gelu'(x) = Φ(x) + x·φ(x).
// Derivation: docs/explanation/backward.md, "GELU".

import CVector
import Memory

/// output = f(input + bias), derivative = f'(input + bias), all that the backward pass needs.
/// - Parameters:
///   - input: `[T, I]`, a product without its bias.
///   - bias: `[I]`
///   - activation: f.
///   - derivative: `[T, I]`; may be `input`.
///   - output: `[T, I]`, in the precision of `derivative`.
public func geluForward(
  input: Matrix<Float>, bias: Vector<Float>, _ activation: Activation = .gelu,
  derivative: Operand, output: Operand
) {
  let timer = KernelTimer(.gelu)
  defer { timer.stop() }
  switch (derivative, output) {
  case (.float32(let derivative), .float32(let output)):
    geluForward(input, GELUForward(bias: bias, activation, derivative: derivative, output: output))
  case (.bfloat16(let derivative), .bfloat16(let output)):
    geluForward(input, GELUForward(bias: bias, activation, derivative: derivative, output: output))
  case (.float32, .bfloat16), (.bfloat16, .float32): unlikeOperands()
  }
}

private func geluForward<Value>(_ input: Matrix<Float>, _ gelu: GELUForward<Value>) {
  precondition(input.rows == gelu.output.rows && input.columns == gelu.output.columns)
  gelu.write(
    input.pointer, stride: input.stride, rows: 0..<input.rows, columns: 0..<input.columns)
}

/// inputGradient = gradient∘derivative, and its sums over tokens, before any rounding, are added to
/// the bias gradient.
/// - Parameters:
///   - gradient: `[T, I]` of GELU's output.
///   - derivative: `[T, I]` as left by `geluForward`.
///   - biasGradient: `[I]` is added to.
///   - inputGradient: `[T, I]`, in the precision of `derivative`; may be `gradient`.
public func geluBackward(
  gradient: Matrix<Float>, derivative: Operand, biasGradient: Vector<Float>, inputGradient: Operand
) {
  let timer = KernelTimer(.gelu)
  defer { timer.stop() }
  switch (derivative, inputGradient) {
  case (.float32(let derivative), .float32(let target)):
    geluBackward(
      gradient,
      GELUBackward(derivative: derivative, biasGradient: biasGradient, inputGradient: target))
  case (.bfloat16(let derivative), .bfloat16(let target)):
    geluBackward(
      gradient,
      GELUBackward(derivative: derivative, biasGradient: biasGradient, inputGradient: target))
  case (.float32, .bfloat16), (.bfloat16, .float32): unlikeOperands()
  }
}

private func geluBackward<Value>(_ gradient: Matrix<Float>, _ gelu: GELUBackward<Value>) {
  precondition(gradient.rows == gelu.derivative.rows)
  precondition(gradient.columns == gelu.derivative.columns)
  gelu.write(
    gradient.pointer, stride: gradient.stride, rows: 0..<gradient.rows,
    columns: 0..<gradient.columns)
}

/// What GELU reads and writes forward beside its input, which comes in parts.
struct GELUForward<Value: StorableLanes> {
  let bias: Vector<Float>
  let activation: Activation
  let derivative: Matrix<Value>
  let output: Matrix<Value>

  init(
    bias: Vector<Float>, _ activation: Activation, derivative: Matrix<Value>, output: Matrix<Value>
  ) {
    self.activation = activation
    precondition(derivative.rows == output.rows && derivative.columns == output.columns)
    precondition(bias.count == output.columns)
    self.bias = bias
    self.derivative = derivative
    self.output = output
  }

  /// Writes some columns of some tokens, of which `input` holds those, lines `stride` apart.
  func write(
    _ input: UnsafePointer<Float>, stride: Int, rows: Range<Int>, columns: Range<Int>
  ) {
    for token in rows {
      let line = input + (token - rows.lowerBound) * stride
      switch activation {
      case .gelu: write(line, token, columns, gelu)
      case .geluTanh: write(line, token, columns, geluTanh)
      case .relu: write(line, token, columns, relu)
      }
    }
  }

  @inline(__always)
  private func write(
    _ line: UnsafePointer<Float>, _ token: Int, _ columns: Range<Int>,
    _ function: (Lanes) -> (value: Lanes, slope: Lanes)
  ) {
    let first = columns.lowerBound
    let slope = derivative.pointer + token * derivative.stride + first
    let target = output.pointer + token * output.stride + first
    forEachVector(columns.count) { i, lanes in
      let result = function(load(line + i, lanes) + load(bias.pointer + first + i, lanes))
      Value.store(result.value, target + i, lanes)
      Value.store(result.slope, slope + i, lanes)
    }
  }
}

/// What GELU reads and writes backward beside its output's gradient, which comes in parts.
struct GELUBackward<Value: StorableLanes> {
  let derivative: Matrix<Value>
  let biasGradient: Vector<Float>
  let inputGradient: Matrix<Value>

  init(derivative: Matrix<Value>, biasGradient: Vector<Float>, inputGradient: Matrix<Value>) {
    precondition(derivative.rows == inputGradient.rows)
    precondition(derivative.columns == inputGradient.columns)
    precondition(biasGradient.count == derivative.columns)
    self.derivative = derivative
    self.biasGradient = biasGradient
    self.inputGradient = inputGradient
  }

  /// Writes some columns of some tokens, of which `gradient` holds those, lines `stride` apart.
  func write(
    _ gradient: UnsafePointer<Float>, stride: Int, rows: Range<Int>, columns: Range<Int>
  ) {
    let first = columns.lowerBound
    let sums = biasGradient.pointer + first
    for token in rows {
      let line = gradient + (token - rows.lowerBound) * stride
      let slope = derivative.pointer + token * derivative.stride + first
      let target = inputGradient.pointer + token * inputGradient.stride + first
      forEachVector(columns.count) { i, lanes in
        let value = load(line + i, lanes) * Value.load(slope + i, lanes)
        Value.store(value, target + i, lanes)
        store(load(sums + i, lanes) + value, sums + i, lanes)
      }
    }
  }
}
