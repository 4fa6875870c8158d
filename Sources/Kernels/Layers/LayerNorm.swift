// LayerNorm (Ba, Kiros, Hinton 2016), forward and backward, alone and fused with what stands
// before it in a BERT layer: LN(residual + dropout(dense + bias)).
// Derivation: docs/explanation/backward.md, "LayerNorm".
//
// T tokens, H hidden size. Statistics are [T]: the mean and 1/√(variance + ε) of each token.

import CVector
import Memory

/// What a LayerNorm is trained and set to.
public struct LayerNormParameters {
  /// Named weight or gamma in files. `[H]`
  public let gamma: Vector<Float>
  /// Named bias or beta in files. `[H]`
  public let beta: Vector<Float>
  /// ε, added to the variance.
  public let epsilon: Float

  /// See the properties.
  public init(gamma: Vector<Float>, beta: Vector<Float>, epsilon: Float) {
    self.gamma = gamma
    self.beta = beta
    self.epsilon = epsilon
  }
}

/// Mean and reciprocal standard deviation of each token, kept for the backward pass.
public struct LayerNormStatistics {
  /// `[T]`
  public let mean: Vector<Float>
  /// 1/√(variance + ε). `[T]`
  public let reciprocalDeviation: Vector<Float>

  /// Statistics in the given memory.
  public init(mean: Vector<Float>, reciprocalDeviation: Vector<Float>) {
    self.mean = mean
    self.reciprocalDeviation = reciprocalDeviation
  }
}

/// What the fused kernel adds up before its LayerNorm.
public struct ResidualInputs {
  /// A product without its bias; the forward pass leaves the sum in its place. `[T, H]`
  public let dense: Matrix<Float>
  /// `[H]`
  public let bias: Vector<Float>
  /// `[T, H]`
  public let residual: Matrix<Float>
  /// The rows of the batch, by whose keys values are dropped.
  public let rows: RaggedRows
  /// Of the dense part; nil for none.
  public let dropout: Dropout?

  /// See the properties.
  public init(
    dense: Matrix<Float>, bias: Vector<Float>, residual: Matrix<Float>, rows: RaggedRows,
    dropout: Dropout?
  ) {
    self.dense = dense
    self.bias = bias
    self.residual = residual
    self.rows = rows
    self.dropout = dropout
  }

  fileprivate func check() {
    precondition(residual.rows == dense.rows && residual.columns == dense.columns)
    precondition(bias.count == dense.columns && rows.tokenCount == dense.rows)
  }
}

/// output = (input − mean)·rstd·gamma + beta, token by token.
/// - Parameters:
///   - input: `[T, H]`
///   - output: `[T, H]`; may be `input`.
public func layerNormForward(
  input: Matrix<Float>, _ parameters: LayerNormParameters, output: Matrix<Float>,
  statistics: LayerNormStatistics
) {
  let timer = KernelTimer(.layerNorm)
  defer { timer.stop() }
  checkShapes(input, output, parameters, statistics)
  let norm = TokenNorm(parameters)
  for token in 0..<input.rows {
    let (mean, rstd) = norm.normalize(
      input.pointer + token * input.stride, into: output.pointer + token * output.stride,
      rounded: nil)
    statistics.mean.pointer[token] = mean
    statistics.reciprocalDeviation.pointer[token] = rstd
  }
}

/// sum = residual + mask∘(dense + bias), in place of `dense`; output = LayerNorm(sum).
/// - Parameter output: `[T, H]`, with what products read of it.
public func residualLayerNormForward(
  _ inputs: ResidualInputs, _ parameters: LayerNormParameters, output: MixedPrecisionMatrix,
  statistics: LayerNormStatistics
) {
  let timer = KernelTimer(.layerNorm)
  defer { timer.stop() }
  let (dense, residual, rows) = (inputs.dense, inputs.residual, inputs.rows)
  checkShapes(dense, output.values, parameters, statistics)
  inputs.check()
  let (width, bias) = (dense.columns, inputs.bias.pointer)
  let norm = TokenNorm(parameters)
  let mask = LineMask(inputs.dropout, columns: width, longestRow: rows.longest)
  let rounded = output.rounded
  let (roundedLines, roundedStride) = (rounded?.pointer, rounded?.stride ?? 0)
  for row in 0..<rows.count {
    let tokens = rows.offsets[row]..<rows.offsets[row + 1]
    mask.fill(row: rows.keys[row], lines: tokens.count)
    for token in tokens {
      let lineMask = mask.line(token - tokens.lowerBound)
      let sum = dense.pointer + token * dense.stride
      let skip = residual.pointer + token * residual.stride
      forEachVector(width) { i, lanes in
        let kept = lineMask.keep(load(sum + i, lanes) + load(bias + i, lanes), at: i)
        store(
          load(skip + i, lanes).addingProduct(kept, Lanes(repeating: mask.scale)), sum + i, lanes)
      }
      let (mean, rstd) = norm.normalize(
        sum, into: output.values.pointer + token * output.values.stride,
        rounded: roundedLines.map { $0 + token * roundedStride })
      statistics.mean.pointer[token] = mean
      statistics.reciprocalDeviation.pointer[token] = rstd
    }
  }
}

/// The forward pass of one token.
private struct TokenNorm {
  let gamma: UnsafePointer<Float>
  let beta: UnsafePointer<Float>
  let epsilon: Float
  let width: Int

  init(_ parameters: LayerNormParameters) {
    gamma = UnsafePointer(parameters.gamma.pointer)
    beta = UnsafePointer(parameters.beta.pointer)
    epsilon = parameters.epsilon
    width = parameters.gamma.count
  }

  /// Two passes for the statistics, so that a large mean costs no digits.
  /// - Parameter rounded: takes the output in bfloat16, too.
  @inline(__always)
  func normalize(
    _ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>,
    rounded: UnsafeMutablePointer<BFloat16>?
  ) -> (mean: Float, rstd: Float) {
    var (sum, other) = (Lanes(), Lanes())
    forEachVectorPair(width) { i, lanes, isSecond in
      if isSecond { other += load(input + i, lanes) } else { sum += load(input + i, lanes) }
    }
    let mean = horizontalSum(sum + other) / Float(width)
    (sum, other) = (Lanes(), Lanes())
    forEachVectorPair(width) { i, lanes, isSecond in
      let difference = load(input + i, lanes, padding: mean) - mean
      if isSecond {
        other.addProduct(difference, difference)
      } else {
        sum.addProduct(difference, difference)
      }
    }
    let rstd = 1 / (horizontalSum(sum + other) / Float(width) + epsilon).squareRoot()
    forEachVector(width) { i, lanes in
      let normalized = (load(input + i, lanes) - mean) * rstd
      let value = load(beta + i, lanes).addingProduct(normalized, load(gamma + i, lanes))
      store(value, output + i, lanes)
      if let rounded { BFloat16.store(value, rounded + i, lanes) }
    }
    return (mean, rstd)
  }
}

/// What forward and backward have in common: `a` and `b` are `[T, H]`.
func checkShapes(
  _ a: Matrix<Float>, _ b: Matrix<Float>, _ parameters: LayerNormParameters,
  _ statistics: LayerNormStatistics
) {
  precondition(a.rows == b.rows && a.columns == b.columns)
  precondition(parameters.gamma.count == a.columns && parameters.beta.count == a.columns)
  precondition(statistics.mean.count >= a.rows)
  precondition(statistics.reciprocalDeviation.count >= a.rows)
}
