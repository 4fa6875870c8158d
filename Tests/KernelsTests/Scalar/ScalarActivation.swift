import Foundation
import Kernels

/// An activation by its definition.
func scalarActivation(_ activation: Activation, _ x: Double) -> Double {
  switch activation {
  case .gelu: scalarGELU(x)
  case .geluTanh: x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x))) / 2
  case .relu: max(x, 0)
  }
}

/// Its slope, by the quotient of a small difference.
func scalarSlope(_ activation: Activation, _ x: Double) -> Double {
  if activation == .relu { return x > 0 ? 1 : 0 }
  let step = 1e-5
  return (scalarActivation(activation, x + step) - scalarActivation(activation, x - step))
    / (2 * step)
}
