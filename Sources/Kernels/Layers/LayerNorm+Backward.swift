// The backward pass of LayerNorm.swift. With x̂ = (x − mean)·rstd and g = dy∘gamma:
//   dx = rstd·(g − mean(g) − x̂·mean(g∘x̂)),  dγ = Σ dy∘x̂,  dβ = Σ dy  (sums over tokens).
// Derivation: docs/explanation/backward.md, "LayerNorm".

import CVector
import Memory

/// Where the gradients of a LayerNorm's parameters are added.
public struct LayerNormGradients {
  /// `[H]`
  public let gamma: Vector<Float>
  /// `[H]`
  public let beta: Vector<Float>

  /// See the properties.
  public init(gamma: Vector<Float>, beta: Vector<Float>) {
    self.gamma = gamma
    self.beta = beta
  }

  fileprivate func check(_ columns: Int) {
    precondition(gamma.count == columns && beta.count == columns)
  }
}

/// What `residualLayerNormForward` left, and the dropout that it was given.
public struct ResidualSum {
  /// `[T, H]`
  public let values: Matrix<Float>
  /// Of the LayerNorm.
  public let statistics: LayerNormStatistics
  /// The rows of the batch.
  public let rows: RaggedRows
  /// Of the dense part; nil for none.
  public let dropout: Dropout?

  /// See the properties.
  public init(
    values: Matrix<Float>, statistics: LayerNormStatistics, rows: RaggedRows, dropout: Dropout?
  ) {
    self.values = values
    self.statistics = statistics
    self.rows = rows
    self.dropout = dropout
  }
}

/// Where the gradients of what a `ResidualSum` is made of go, but for that of the residual.
public struct ResidualGradients {
  /// Of the dense product, as products read it; overwritten. `[T, H]`
  public let dense: Operand
  /// Of the dense layer's bias; added to. `[H]`
  public let bias: Vector<Float>
  /// Of the LayerNorm's parameters; added to.
  public let norm: LayerNormGradients

  /// See the properties.
  public init(dense: Operand, bias: Vector<Float>, norm: LayerNormGradients) {
    self.dense = dense
    self.bias = bias
    self.norm = norm
  }
}

/// Gradients of `layerNormForward`.
/// - Parameters:
///   - input: `[T, H]` as it was given forward.
///   - gradient: `[T, H]` in: of the output; out: of the input.
///   - sums: of the parameters; added to.
public func layerNormBackward(
  input: Matrix<Float>, statistics: LayerNormStatistics, _ parameters: LayerNormParameters,
  gradient: Matrix<Float>, sums: LayerNormGradients
) {
  let timer = KernelTimer(.layerNorm)
  defer { timer.stop() }
  checkShapes(input, gradient, parameters, statistics)
  sums.check(input.columns)
  let norm = TokenNormGradient(parameters, statistics, sums)
  for token in 0..<input.rows {
    norm.differentiate(
      token, input.pointer + token * input.stride, gradient.pointer + token * gradient.stride)
  }
}

/// Gradients of `residualLayerNormForward`.
/// - Parameter gradient: `[T, H]` in: of the output; out: of the sum, which is that
///   of the residual.
public func residualLayerNormBackward(
  _ sum: ResidualSum, _ parameters: LayerNormParameters, gradient: Matrix<Float>,
  into gradients: ResidualGradients
) {
  let timer = KernelTimer(.layerNorm)
  defer { timer.stop() }
  let (values, rows) = (sum.values, sum.rows)
  checkShapes(values, gradient, parameters, sum.statistics)
  gradients.norm.check(values.columns)
  precondition(gradients.bias.count == values.columns && rows.tokenCount == values.rows)
  precondition(gradients.dense.rows == values.rows)
  precondition(gradients.dense.columns == values.columns)
  let norm = TokenNormGradient(parameters, sum.statistics, gradients.norm)
  let mask = LineMask(sum.dropout, columns: values.columns, longestRow: rows.longest)
  let bias = gradients.bias.pointer
  for row in 0..<rows.count {
    let tokens = rows.offsets[row]..<rows.offsets[row + 1]
    mask.fill(row: rows.keys[row], lines: tokens.count)
    for token in tokens {
      let line = gradient.pointer + token * gradient.stride
      norm.differentiate(token, values.pointer + token * values.stride, line)
      let kept = KeptGradient(
        gradient: line, mask: mask.line(token - tokens.lowerBound), scale: mask.scale,
        width: values.columns)
      switch gradients.dense {
      case .float32(let dense): kept.write(dense.pointer + token * dense.stride, sums: bias)
      case .bfloat16(let dense): kept.write(dense.pointer + token * dense.stride, sums: bias)
      }
    }
  }
}

/// mask∘gradient of one token.
private struct KeptGradient {
  let gradient: UnsafePointer<Float>
  let mask: UnsafePointer<UInt16>
  /// What kept values are multiplied by.
  let scale: Float
  let width: Int

  /// The sums are of values before any rounding.
  @inline(__always)
  func write<Value: StorableLanes>(
    _ target: UnsafeMutablePointer<Value>, sums: UnsafeMutablePointer<Float>
  ) {
    forEachVector(width) { i, lanes in
      let value = mask.keep(load(gradient + i, lanes), at: i) * scale
      Value.store(value, target + i, lanes)
      store(load(sums + i, lanes) + value, sums + i, lanes)
    }
  }
}

/// The backward pass of one token.
private struct TokenNormGradient {
  let gamma: UnsafePointer<Float>
  let means: UnsafePointer<Float>
  let reciprocalDeviations: UnsafePointer<Float>
  let gammaSums: UnsafeMutablePointer<Float>
  let betaSums: UnsafeMutablePointer<Float>
  let width: Int

  init(
    _ parameters: LayerNormParameters, _ statistics: LayerNormStatistics,
    _ sums: LayerNormGradients
  ) {
    gamma = UnsafePointer(parameters.gamma.pointer)
    means = UnsafePointer(statistics.mean.pointer)
    reciprocalDeviations = UnsafePointer(statistics.reciprocalDeviation.pointer)
    gammaSums = sums.gamma.pointer
    betaSums = sums.beta.pointer
    width = parameters.gamma.count
  }

  /// Puts the gradient of the input in place of the output's.
  @inline(__always)
  func differentiate(
    _ token: Int, _ input: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>
  ) {
    let (mean, rstd) = (means[token], reciprocalDeviations[token])
    var (sum, projected) = (Lanes(), Lanes())
    forEachVector(width) { i, lanes in
      let upstream = load(gradient + i, lanes)
      let normalized = (load(input + i, lanes) - mean) * rstd
      let scaled = upstream * load(gamma + i, lanes)
      sum += scaled
      projected.addProduct(scaled, normalized)
      let gammaSum = load(gammaSums + i, lanes).addingProduct(upstream, normalized)
      store(gammaSum, gammaSums + i, lanes)
      store(load(betaSums + i, lanes) + upstream, betaSums + i, lanes)
    }
    let sumMean = horizontalSum(sum) / Float(width)
    let projectedMean = horizontalSum(projected) / Float(width)
    forEachVector(width) { i, lanes in
      let normalized = (load(input + i, lanes) - mean) * rstd
      let centered = load(gradient + i, lanes) * load(gamma + i, lanes) - sumMean
      store((centered - normalized * projectedMean) * rstd, gradient + i, lanes)
    }
  }
}
