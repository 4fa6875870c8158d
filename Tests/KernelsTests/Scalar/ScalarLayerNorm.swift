/// LayerNorm of each row of `input`.
struct ScalarLayerNorm {
  let gain: [Double]
  let shift: [Double]
  let epsilon: Double

  func statistics(_ input: ScalarMatrix, _ row: Int) -> (mean: Double, rstd: Double) {
    let count = Double(input.columns)
    let line = (0..<input.columns).map { input[row, $0] }
    let mean = line.reduce(0, +) / count
    let variance = line.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    return (mean, 1 / (variance + epsilon).squareRoot())
  }

  func forward(_ input: ScalarMatrix) -> ScalarMatrix {
    var output = input
    for row in 0..<input.rows {
      let (mean, rstd) = statistics(input, row)
      for i in 0..<input.columns {
        output[row, i] = (input[row, i] - mean) * rstd * gain[i] + shift[i]
      }
    }
    return output
  }

  /// Gradients of input, gain and shift, by the formulas of docs/backward.md.
  func backward(
    _ input: ScalarMatrix, _ upstream: ScalarMatrix
  ) -> (input: ScalarMatrix, gain: [Double], shift: [Double]) {
    var result = input
    var gainGradient = ScalarMatrix(zeros: input.rows, input.columns)
    for row in 0..<input.rows {
      let (mean, rstd) = statistics(input, row)
      let normalized = (0..<input.columns).map { (input[row, $0] - mean) * rstd }
      let scaled = (0..<input.columns).map { upstream[row, $0] * gain[$0] }
      let scaledMean = scaled.reduce(0, +) / Double(input.columns)
      let projection = inner(scaled, normalized) / Double(input.columns)
      for i in 0..<input.columns {
        result[row, i] = rstd * (scaled[i] - scaledMean - normalized[i] * projection)
        gainGradient[row, i] = upstream[row, i] * normalized[i]
      }
    }
    return (result, gainGradient.columnSums, upstream.columnSums)
  }
}
