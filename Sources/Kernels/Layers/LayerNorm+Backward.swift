// The backward pass of LayerNorm.swift. With x̂ = (x − mean)·rstd and g = dy∘gain:
//   dx = rstd·(g − mean(g) − x̂·mean(g∘x̂)),  dgain = Σ dy∘x̂,  dshift = Σ dy  (sums over tokens).
// Derivation: docs/backward.md, "LayerNorm".

import CVector
import Memory

/// Gradients of `layerNormForward`.
/// - Parameters:
///   - input: `[T, H]` as it was given forward.
///   - gradient: `[T, H]` in: of the output; out: of the input.
///   - gainGradient: `[H]` is added to.
///   - shiftGradient: `[H]` is added to.
public func layerNormBackward(
  input: Matrix<Float>, statistics: LayerNormStatistics, gain: Vector<Float>,
  gradient: Matrix<Float>, gainGradient: Vector<Float>, shiftGradient: Vector<Float>
) {
  let timer = KernelTimer(.layerNorm)
  defer { timer.stop() }
  checkShapes(input, gradient, gain, shiftGradient, statistics)
  precondition(gainGradient.count == input.columns)
  for token in 0..<input.rows {
    differentiate(
      input.pointer + token * input.stride, statistics, token, gain.pointer,
      gradient.pointer + token * gradient.stride, gainGradient.pointer, shiftGradient.pointer,
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
  sum: Matrix<Float>, statistics: LayerNormStatistics, gain: Vector<Float>, rows: RaggedRows,
  dropout: Dropout?, gradient: Matrix<Float>, denseGradient: Operand,
  gainGradient: Vector<Float>, shiftGradient: Vector<Float>, biasGradient: Vector<Float>
) {
  let timer = KernelTimer(.layerNorm)
  defer { timer.stop() }
  checkShapes(sum, gradient, gain, shiftGradient, statistics)
  precondition(gainGradient.count == sum.columns && biasGradient.count == sum.columns)
  precondition(rows.tokenCount == sum.rows)
  let mask = LineMask(dropout, columns: sum.columns, longestRow: rows.longest)
  for row in 0..<rows.count {
    let tokens = rows.offsets[row]..<rows.offsets[row + 1]
    mask.fill(row: rows.keys[row], lines: tokens.count)
    for token in tokens {
      let line = gradient.pointer + token * gradient.stride
      differentiate(
        sum.pointer + token * sum.stride, statistics, token, gain.pointer, line,
        gainGradient.pointer, shiftGradient.pointer, sum.columns)
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
  _ gain: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>,
  _ gainGradient: UnsafeMutablePointer<Float>, _ shiftGradient: UnsafeMutablePointer<Float>,
  _ width: Int
) {
  let mean = statistics.mean.pointer[token]
  let rstd = statistics.reciprocalDeviation.pointer[token]
  var (sum, projection) = (Lanes(), Lanes())
  forEachVector(width) { i, lanes in
    let upstream = load(gradient + i, lanes)
    let normalized = (load(input + i, lanes) - mean) * rstd
    let scaled = upstream * load(gain + i, lanes)
    sum += scaled
    projection.addProduct(scaled, normalized)
    let gainSum = load(gainGradient + i, lanes).addingProduct(upstream, normalized)
    store(gainSum, gainGradient + i, lanes)
    store(load(shiftGradient + i, lanes) + upstream, shiftGradient + i, lanes)
  }
  let sumMean = horizontalSum(sum) / Float(width)
  let projectionMean = horizontalSum(projection) / Float(width)
  forEachVector(width) { i, lanes in
    let normalized = (load(input + i, lanes) - mean) * rstd
    let centered = load(gradient + i, lanes) * load(gain + i, lanes) - sumMean
    store((centered - normalized * projectionMean) * rstd, gradient + i, lanes)
  }
}
