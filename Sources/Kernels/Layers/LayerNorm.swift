// LayerNorm (Ba, Kiros, Hinton 2016), forward and backward, alone and fused with what stands
// before it in a BERT layer: LN(residual + dropout(dense + bias)).
// Derivation: docs/backward.md, "LayerNorm".
//
// T tokens, H hidden size. Statistics are [T]: the mean and 1/√(variance + ε) of each token.

import CVector
import Memory

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

/// output = (input − mean)·rstd·gamma + beta, token by token.
/// - Parameters:
///   - input: `[T, H]`
///   - gamma: `[H]`, named weight or gamma in files.
///   - beta: `[H]`, named bias or beta in files.
///   - epsilon: added to the variance.
///   - output: `[T, H]`; may be `input`.
public func layerNormForward(
  input: Matrix<Float>, gamma: Vector<Float>, beta: Vector<Float>, epsilon: Float,
  output: Matrix<Float>, statistics: LayerNormStatistics
) {
  let timer = KernelTimer(.layerNorm)
  defer { timer.stop() }
  checkShapes(input, output, gamma, beta, statistics)
  for token in 0..<input.rows {
    let (mean, rstd) = normalize(
      input.pointer + token * input.stride, gamma.pointer, beta.pointer, epsilon,
      output.pointer + token * output.stride, nil, input.columns)
    statistics.mean.pointer[token] = mean
    statistics.reciprocalDeviation.pointer[token] = rstd
  }
}

/// sum = residual + mask∘(dense + bias), in place of `dense`; output = LayerNorm(sum).
/// - Parameters:
///   - dense: `[T, H]` in: a product without its bias; out: the sum, kept for the backward pass.
///   - bias: `[H]`
///   - residual: `[T, H]`
///   - dropout: of the dense part, nil for none.
///   - output: `[T, H]`, with what products read of it.
public func residualLayerNormForward(
  dense: Matrix<Float>, bias: Vector<Float>, residual: Matrix<Float>, rows: RaggedRows,
  dropout: Dropout?, gamma: Vector<Float>, beta: Vector<Float>, epsilon: Float,
  output: MixedPrecisionMatrix, statistics: LayerNormStatistics
) {
  let timer = KernelTimer(.layerNorm)
  defer { timer.stop() }
  checkShapes(dense, output.values, gamma, beta, statistics)
  precondition(residual.rows == dense.rows && residual.columns == dense.columns)
  precondition(bias.count == dense.columns && rows.tokenCount == dense.rows)
  let width = dense.columns
  let mask = LineMask(dropout, columns: width, longestRow: rows.longest)
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
        let value = load(sum + i, lanes) + load(bias.pointer + i, lanes)
        let kept = lineMask.keep(value, at: i)
        store(
          load(skip + i, lanes).addingProduct(kept, Lanes(repeating: mask.scale)), sum + i, lanes)
      }
      let (mean, rstd) = normalize(
        sum, gamma.pointer, beta.pointer, epsilon,
        output.values.pointer + token * output.values.stride,
        roundedLines.map { $0 + token * roundedStride }, width)
      statistics.mean.pointer[token] = mean
      statistics.reciprocalDeviation.pointer[token] = rstd
    }
  }
}

/// One token, rounded as well where that is asked for: two passes for the statistics, so that a large mean costs
/// no digits.
@inline(__always)
private func normalize(
  _ input: UnsafePointer<Float>, _ gamma: UnsafePointer<Float>, _ beta: UnsafePointer<Float>,
  _ epsilon: Float, _ output: UnsafeMutablePointer<Float>,
  _ rounded: UnsafeMutablePointer<BFloat16>?, _ width: Int
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

/// What forward and backward have in common: `a` and `b` `[T, H]`, `gamma` and `beta` `[H]`.
func checkShapes(
  _ a: Matrix<Float>, _ b: Matrix<Float>, _ gamma: Vector<Float>, _ beta: Vector<Float>,
  _ statistics: LayerNormStatistics
) {
  precondition(a.rows == b.rows && a.columns == b.columns)
  precondition(gamma.count == a.columns && beta.count == a.columns)
  precondition(statistics.mean.count >= a.rows)
  precondition(statistics.reciprocalDeviation.count >= a.rows)
}
