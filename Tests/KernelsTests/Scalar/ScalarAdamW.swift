import Foundation
import Kernels

/// AdamW on one parameter, as its paper and PyTorch have it.
struct ScalarAdamW {
  var parameter: Double
  var first = 0.0
  var second = 0.0

  mutating func update(gradient: Double, _ step: AdamWStep) {
    let g = gradient * Double(step.gradientScale)
    let t = Double(step.number)
    parameter -= step.learningRate * step.weightDecay * parameter
    first = step.beta1 * first + (1 - step.beta1) * g
    second = step.beta2 * second + (1 - step.beta2) * g * g
    let mean = first / (1 - pow(step.beta1, t))
    let root = (second / (1 - pow(step.beta2, t))).squareRoot()
    parameter -= step.learningRate * mean / (root + step.epsilon)
  }
}
