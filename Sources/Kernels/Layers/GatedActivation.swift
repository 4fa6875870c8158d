// A gated dense layer (Shazeer 2020, "GLU Variants Improve Transformer"): of the 2I values of a
// token the first I go through an activation and are multiplied by the others, f(a)∘g.
//
// With D₁ = m∘f'(a)∘g and D₂ = m∘f(a), m the mask of dropout, both kept: da = dy∘D₁, dg = dy∘D₂.
//
// T tokens, I intermediate size.

import Memory

/// What a gated layer reads.
public struct GatedInputs {
  /// A product without its bias; scratch afterwards. `[T, 2I]`
  public let values: Matrix<Float>
  /// `[2I]`; nil for none.
  public let bias: Vector<Float>?
  /// Of the first half.
  public let activation: Activation
  /// The rows of the batch, by whose keys values are dropped.
  public let rows: RaggedRows
  /// Of the output; nil for none.
  public let dropout: Dropout?

  /// See the properties.
  public init(
    values: Matrix<Float>, bias: Vector<Float>?, activation: Activation, rows: RaggedRows,
    dropout: Dropout?
  ) {
    (self.values, self.bias, self.activation) = (values, bias, activation)
    (self.rows, self.dropout) = (rows, dropout)
  }
}

/// output = m∘f(a)∘g, derivative = D₁ and D₂ side by side.
/// - Parameter results: the derivative is `[T, 2I]`, and may be the values' memory; the output
///   `[T, I]`, both of one precision.
public func gatedForward(_ inputs: GatedInputs, into results: GELUResults) {
  let timer = KernelTimer(.gelu)
  defer { timer.stop() }
  switch (results.derivative, results.output) {
  case (.float32(let derivative), .float32(let output)):
    GatedForward(inputs: inputs, derivative: derivative, output: output).run()
  case (.bfloat16(let derivative), .bfloat16(let output)):
    GatedForward(inputs: inputs, derivative: derivative, output: output).run()
  case (.float32, .bfloat16), (.bfloat16, .float32): unlikeOperands()
  }
}

/// The gradients of a and g, and their sums over tokens, before any rounding, where these are
/// wanted.
/// - Parameters:
///   - gradient: `[T, I]`, of the output.
///   - derivative: `[T, 2I]`, as `gatedForward` left it.
///   - biasGradient: `[2I]` is added to; nil for none.
///   - inputGradient: `[T, 2I]`, in the precision of the derivative.
public func gatedBackward(
  gradient: Matrix<Float>, derivative: Operand, biasGradient: Vector<Float>?,
  inputGradient: Operand
) {
  let timer = KernelTimer(.gelu)
  defer { timer.stop() }
  switch (derivative, inputGradient) {
  case (.float32(let derivative), .float32(let target)):
    gatedBackward(gradient, derivative, biasGradient, target)
  case (.bfloat16(let derivative), .bfloat16(let target)):
    gatedBackward(gradient, derivative, biasGradient, target)
  case (.float32, .bfloat16), (.bfloat16, .float32): unlikeOperands()
  }
}

private struct GatedForward<Value: StorableLanes> {
  let inputs: GatedInputs
  let derivative: Matrix<Value>
  let output: Matrix<Value>

  func run() {
    let (values, rows, width) = (inputs.values, inputs.rows, output.columns)
    precondition(values.rows == output.rows && values.columns == 2 * width)
    precondition(derivative.rows == output.rows && derivative.columns == 2 * width)
    precondition(rows.tokenCount == output.rows)
    precondition(inputs.bias.map { $0.count == 2 * width } ?? true)
    if let bias = inputs.bias { addBias(bias, to: values) }
    let mask = LineMask(inputs.dropout, columns: width, longestRow: rows.longest)
    for row in 0..<rows.count {
      let tokens = rows.offsets[row]..<rows.offsets[row + 1]
      mask.fill(row: rows.keys[row], lines: tokens.count)
      for token in tokens {
        let kept = mask.line(token - tokens.lowerBound)
        switch inputs.activation {
        case .gelu: write(token, kept, mask.scale, gelu)
        case .geluTanh: write(token, kept, mask.scale, geluTanh)
        case .relu: write(token, kept, mask.scale, relu)
        }
      }
    }
  }

  @inline(__always)
  private func write(
    _ token: Int, _ kept: UnsafePointer<UInt16>, _ scale: Float,
    _ function: (Lanes) -> (value: Lanes, slope: Lanes)
  ) {
    let width = output.columns
    let line = inputs.values.pointer + token * inputs.values.stride
    let slopes = derivative.pointer + token * derivative.stride
    let target = output.pointer + token * output.stride
    forEachVector(width) { i, lanes in
      let gate = load(line + width + i, lanes)
      let (value, slope) = function(load(line + i, lanes))
      let masked = kept.keep(value, at: i) * scale
      Value.store(kept.keep(slope * gate, at: i) * scale, slopes + i, lanes)
      Value.store(masked, slopes + width + i, lanes)
      Value.store(masked * gate, target + i, lanes)
    }
  }
}

private func gatedBackward<Value: StorableLanes>(
  _ gradient: Matrix<Float>, _ derivative: Matrix<Value>, _ biasGradient: Vector<Float>?,
  _ target: Matrix<Value>
) {
  let width = gradient.columns
  precondition(derivative.rows == gradient.rows && derivative.columns == 2 * width)
  precondition(target.rows == gradient.rows && target.columns == 2 * width)
  precondition(biasGradient.map { $0.count == 2 * width } ?? true)
  for token in 0..<gradient.rows {
    let upstream = gradient.pointer + token * gradient.stride
    for part in [0, width] {
      let slopes = derivative.pointer + token * derivative.stride + part
      let line = target.pointer + token * target.stride + part
      forEachVector(width) { i, lanes in
        let value = load(upstream + i, lanes) * Value.load(slopes + i, lanes)
        Value.store(value, line + i, lanes)
        if let sums = biasGradient?.pointer {
          store(load(sums + part + i, lanes) + value, sums + part + i, lanes)
        }
      }
    }
  }
}
