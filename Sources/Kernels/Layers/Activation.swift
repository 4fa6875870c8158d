// What follows a dense layer: each function gives f(x), and f'(x), which is all that a backward
// pass needs.

import CVector
import Memory

/// The function behind a dense layer.
public enum Activation: Sendable, Equatable {
  /// x·Φ(x), by erf.
  case gelu
  /// GELU's approximation by tanh: x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))/2.
  case geluTanh
  /// The greater one of x and 0.
  case relu
}

/// 1/√(2π).
private let inverseRootOfTwoPi = Float(0.398_942_28)

@inline(__always)
func gelu(_ x: Lanes) -> (value: Lanes, slope: Lanes) {
  let (cumulative, density) = normalDistribution(x)
  return (x * cumulative, cumulative.addingProduct(x * inverseRootOfTwoPi, density))
}

/// (1 + tanh u)/2 = 1/(1 + e^(−2u)) =: s, so that f = x·s and f' = s + x·s·(1 − s)·2u'.
@inline(__always)
func geluTanh(_ x: Lanes) -> (value: Lanes, slope: Lanes) {
  let square = x * x
  // 2u = x·(a + b·x²) with a = 2√(2/π) and b = 0.044715·a; its slope is a + 3b·x².
  let (a, b) = (Float(1.595_769_1), Float(0.071_354_81))
  let twice = x * Lanes(repeating: a).addingProduct(square, Lanes(repeating: b))
  let share = 1 / (exponential(twice * -1) + 1)
  let change = Lanes(repeating: a).addingProduct(square, Lanes(repeating: 3 * b))
  return (x * share, share.addingProduct(x * share * (1 - share), change))
}

/// Not a number where x is not.
@inline(__always)
func relu(_ x: Lanes) -> (value: Lanes, slope: Lanes) {
  let isPositive = x .> 0
  return (
    vector_max(Lanes(), x), Lanes().replacing(with: Lanes(repeating: 1), where: isPositive)
  )
}

/// values = the greater ones of values and 0.
public func applyReLU(_ values: Vector<Float>) {
  let timer = KernelTimer(.pooling)
  defer { timer.stop() }
  forEachVector(values.count) { i, lanes in
    store(relu(load(values.pointer + i, lanes)).value, values.pointer + i, lanes)
  }
}

/// gradient = 0 where ReLU's output is 0.
public func reluBackward(_ gradient: Vector<Float>, output: Vector<Float>) {
  let timer = KernelTimer(.pooling)
  defer { timer.stop() }
  precondition(gradient.count == output.count)
  forEachVector(gradient.count) { i, lanes in
    let slope = relu(load(output.pointer + i, lanes)).slope
    store(load(gradient.pointer + i, lanes) * slope, gradient.pointer + i, lanes)
  }
}
