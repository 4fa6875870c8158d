// AdamW (Loshchilov, Hutter 2019) as PyTorch computes it: the weight decay first, then
// θ −= η·m̂/(√v̂ + ε) with m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ).

import CVector
import Foundation
import Memory

/// What stays the same over all updates.
public struct AdamWSettings: Sendable {
  /// β₁, decay of the mean of the gradients.
  public var beta1: Double
  /// β₂, decay of the mean of their squares.
  public var beta2: Double
  /// ε, added to the root of the second moment.
  public var epsilon: Double

  /// See the properties.
  public init(beta1: Double, beta2: Double, epsilon: Double) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }
}

/// One update of one group of parameters.
public struct AdamWStep: Sendable {
  /// Of all updates.
  public var settings: AdamWSettings
  /// η, the learning rate of this update.
  public var learningRate: Double
  /// λ, the weight decay, 0 for biases and LayerNorm.
  public var weightDecay: Double
  /// t ≥ 1, the number of this update.
  public var number: Int
  /// What the gradient is multiplied by first: that of gradient clipping.
  public var gradientScale: Float

  /// See the properties.
  public init(
    _ settings: AdamWSettings, learningRate: Double, weightDecay: Double, number: Int,
    gradientScale: Float
  ) {
    self.settings = settings
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.number = number
    self.gradientScale = gradientScale
  }
}

/// Updates parameters and both moments in place; all four have the same count. `gradients` nil
/// stands for zeros, as in embedding rows that no token of the step touched.
public func updateAdamW(
  parameters: Vector<Float>, gradients: Vector<Float>?, firstMoments: Vector<Float>,
  secondMoments: Vector<Float>, _ step: AdamWStep
) {
  let timer = KernelTimer(.optimizer)
  defer { timer.stop() }
  let count = parameters.count
  precondition(firstMoments.count == count && secondMoments.count == count)
  let numbers = AdamWNumbers(step)
  let (p, m, v) = (parameters.pointer, firstMoments.pointer, secondMoments.pointer)
  guard let gradients else {
    forEachVector(count) { i, lanes in numbers.update(p + i, Lanes(), m + i, v + i, lanes) }
    return
  }
  precondition(gradients.count == count)
  let g = gradients.pointer
  forEachVector(count) { i, lanes in
    numbers.update(p + i, load(g + i, lanes) * step.gradientScale, m + i, v + i, lanes)
  }
}

/// The constants of an update, worked out in double precision once.
private struct AdamWNumbers {
  let keep: Float
  let beta1: Float
  let rest1: Float
  let beta2: Float
  let rest2: Float
  let stepSize: Float
  let inverseRoot: Float
  let epsilon: Float

  init(_ step: AdamWStep) {
    let settings = step.settings
    keep = Float(1 - step.learningRate * step.weightDecay)
    beta1 = Float(settings.beta1)
    rest1 = Float(1 - settings.beta1)
    beta2 = Float(settings.beta2)
    rest2 = Float(1 - settings.beta2)
    let t = Double(step.number)
    stepSize = Float(step.learningRate / (1 - pow(settings.beta1, t)))
    inverseRoot = Float(1 / (1 - pow(settings.beta2, t)).squareRoot())
    epsilon = Float(settings.epsilon)
  }

  @inline(__always)
  func update(
    _ p: UnsafeMutablePointer<Float>, _ g: Lanes, _ m: UnsafeMutablePointer<Float>,
    _ v: UnsafeMutablePointer<Float>, _ lanes: Int
  ) {
    let first = (load(m, lanes) * beta1).addingProduct(g, Lanes(repeating: rest1))
    let second = (load(v, lanes) * beta2).addingProduct(g * g, Lanes(repeating: rest2))
    let divisor = Lanes(repeating: epsilon).addingProduct(
      vector_sqrt(second), Lanes(repeating: inverseRoot))
    let decayed = load(p, lanes) * keep
    store(first, m, lanes)
    store(second, v, lanes)
    store(decayed - (first * stepSize) / divisor, p, lanes)
  }
}
