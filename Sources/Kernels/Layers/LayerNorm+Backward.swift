// The backward pass of LayerNorm.swift. With x̂ = (x − mean)·rstd and g = dy∘gamma:
//   dx = rstd·(g − mean(g) − x̂·mean(g∘x̂)),  dγ = Σ dy∘x̂,  dβ = Σ dy  (sums over tokens).
// Derivation: docs/backward.md, "LayerNorm".

import CVector
import Memory

/// Gradients of `layerNormForward`.
/// - Parameters:
///   - input: `[T, H]` as it was given forward.
///   - gradient: `[T, H]` in: of the output; out: of the input.
///   - gammaGradient: `[H]` is added to.
///   - betaGradient: `[H]` is added to.
public func layerNormBackward(
  input: Matrix<Float>, statistics: LayerNormStatistics, gamma: Vector<Float>,
  gradient: Matrix<Float>, gammaGradient: Vector<Float>, betaGradient: Vector<Float>
) {
  let timer = KernelTimer(.layerNorm)
  defer { timer.stop() }
  checkShapes(input, gradient, gamma, betaGradient, statistics)
  precondition(gammaGradient.count == input.columns)
  for token in 0..<input.rows {
    differentiate(
      input.pointer + token * input.stride, statistics, token, gamma.pointer,
      gradient.pointer + token * gradient.stride, gammaGradient.pointer, betaGradient.pointer,
      input.columns)
  }
}

/// Gradients of `residualLayerNormForward`.
/// - Parameters:
///   - sum: `[T, H]` as left by the forward pass.
///   - gradient: `[T, H]` in: of the output; out: of the sum, which is that of the residual.
///   - denseGradient: `[T, H]` out: of the dense product, as products read it.
///   - biasGradient: `[H]` is added to, as are the two of the LayerNorm.
public func residualLayerNormBackward(
  sum: Matrix<Float>, statistics: LayerNormStatistics, gamma: Vector<Float>, rows: RaggedRows,
  dropout: Dropout?, gradient: Matrix<Float>, denseGradient: Operand,
  gammaGradient: Vector<Float>, betaGradient: Vector<Float>, biasGradient: Vector<Float>
) {
  let timer = KernelTimer(.layerNorm)
  defer { timer.stop() }
  checkShapes(sum, gradient, gamma, betaGradient, statistics)
  precondition(gammaGradient.count == sum.columns && biasGradient.count == sum.columns)
  precondition(rows.tokenCount == sum.rows)
  let mask = LineMask(dropout, columns: sum.columns, longestRow: rows.longest)
  for row in 0..<rows.count {
    let tokens = rows.offsets[row]..<rows.offsets[row + 1]
    mask.fill(row: rows.keys[row], lines: tokens.count)
    for token in tokens {
      let line = gradient.pointer + token * gradient.stride
      differentiate(
        sum.pointer + token * sum.stride, statistics, token, gamma.pointer, line,
        gammaGradient.pointer, betaGradient.pointer, sum.columns)
      let kept = mask.line(token - tokens.lowerBound)
      switch denseGradient {
      case .float32(let target):
        differentiateDropout(line, kept, mask.scale, biasGradient, token, target)
      case .bfloat16(let target):
        differentiateDropout(line, kept, mask.scale, biasGradient, token, target)
      }
    }
  }
}

/// denseGradient = mask∘gradient for one token, and the same is added to the bias gradient before any rounding.
@inline(__always)
private func differentiateDropout<Value: StorableLanes>(
  _ gradient: UnsafePointer<Float>, _ kept: UnsafePointer<UInt16>, _ scale: Float,
  _ biasGradient: Vector<Float>, _ token: Int, _ denseGradient: Matrix<Value>
) {
  precondition(denseGradient.columns == biasGradient.count && token < denseGradient.rows)
  let target = denseGradient.pointer + token * denseGradient.stride
  forEachVector(denseGradient.columns) { i, lanes in
    let value = kept.keep(load(gradient + i, lanes), at: i) * scale
    Value.store(value, target + i, lanes)
    store(load(biasGradient.pointer + i, lanes) + value, biasGradient.pointer + i, lanes)
  }
}

/// One token, in place of the output's gradient.
@inline(__always)
private func differentiate(
  _ input: UnsafePointer<Float>, _ statistics: LayerNormStatistics, _ token: Int,
  _ gamma: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>,
  _ gammaGradient: UnsafeMutablePointer<Float>, _ betaGradient: UnsafeMutablePointer<Float>,
  _ width: Int
) {
  let mean = statistics.mean.pointer[token]
  let rstd = statistics.reciprocalDeviation.pointer[token]
  var (sum, projected) = (Lanes(), Lanes())
  forEachVector(width) { i, lanes in
    let upstream = load(gradient + i, lanes)
    let normalized = (load(input + i, lanes) - mean) * rstd
    let scaled = upstream * load(gamma + i, lanes)
    sum += scaled
    projected.addProduct(scaled, normalized)
    let gammaSum = load(gammaGradient + i, lanes).addingProduct(upstream, normalized)
    store(gammaSum, gammaGradient + i, lanes)
    store(load(betaGradient + i, lanes) + upstream, betaGradient + i, lanes)
  }
  let sumMean = horizontalSum(sum) / Float(width)
  let projectedMean = horizontalSum(projected) / Float(width)
  forEachVector(width) { i, lanes in
    let normalized = (load(input + i, lanes) - mean) * rstd
    let centered = load(gradient + i, lanes) * load(gamma + i, lanes) - sumMean
    store((centered - normalized * projectedMean) * rstd, gradient + i, lanes)
  }
}
