import Foundation

/// Φ(x), by the C library's erfc.
func scalarNormalDistribution(_ x: Double) -> Double {
  0.5 * erfc(-x / 2.0.squareRoot())
}

/// x·Φ(x).
func scalarGELU(_ x: Double) -> Double {
  x * scalarNormalDistribution(x)
}

/// Φ(x) + x·φ(x).
func scalarGELUSlope(_ x: Double) -> Double {
  scalarNormalDistribution(x) + x * exp(-x * x / 2) / (2 * Double.pi).squareRoot()
}
