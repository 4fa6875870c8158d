/// The gradient of `objective` by central differences in double precision.
func numericalGradient(
  at point: [Double], step: Double = 1e-4, of objective: ([Double]) -> Double
) -> [Double] {
  var moved = point
  return point.indices.map { index in
    defer { moved[index] = point[index] }
    moved[index] = point[index] + step
    let above = objective(moved)
    moved[index] = point[index] - step
    return (above - objective(moved)) / (2 * step)
  }
}

/// Σ aᵢ·bᵢ: turns an output and the gradient that flows into it into a scalar objective.
func inner(_ a: [Double], _ b: [Double]) -> Double {
  zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
}
