import Foundation
import Kernels

/// AdamW on one parameter, as its paper and PyTorch have it.
struct ScalarAdamW {
  var parameter: Double
  var first = 0.0
  var second = 0.0

  mutating func update(gradient: Double, _ step: AdamWStep) {
    let g = gradient * Double(step.gradientScale)
    let (t, settings) = (Double(step.number), step.settings)
    parameter -= step.learningRate * step.weightDecay * parameter
    first = settings.beta1 * first + (1 - settings.beta1) * g
    second = settings.beta2 * second + (1 - settings.beta2) * g * g
    let mean = first / (1 - pow(settings.beta1, t))
    let root = (second / (1 - pow(settings.beta2, t))).squareRoot()
    parameter -= step.learningRate * mean / (root + settings.epsilon)
  }
}
