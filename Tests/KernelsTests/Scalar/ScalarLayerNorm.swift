/// LayerNorm of each row of `input`.
struct ScalarLayerNorm {
  let gamma: [Double]
  let beta: [Double]
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
        output[row, i] = (input[row, i] - mean) * rstd * gamma[i] + beta[i]
      }
    }
    return output
  }

  /// Gradients of input, gamma and beta, by the formulas of docs/explanation/backward.md.
  func backward(
    _ input: ScalarMatrix, _ upstream: ScalarMatrix
  ) -> (input: ScalarMatrix, gamma: [Double], beta: [Double]) {
    var result = input
    var gammaGradient = ScalarMatrix(zeros: input.rows, input.columns)
    for row in 0..<input.rows {
      let (mean, rstd) = statistics(input, row)
      let normalized = (0..<input.columns).map { (input[row, $0] - mean) * rstd }
      let scaled = (0..<input.columns).map { upstream[row, $0] * gamma[$0] }
      let scaledMean = scaled.reduce(0, +) / Double(input.columns)
      let projected = inner(scaled, normalized) / Double(input.columns)
      for i in 0..<input.columns {
        result[row, i] = rstd * (scaled[i] - scaledMean - normalized[i] * projected)
        gammaGradient[row, i] = upstream[row, i] * normalized[i]
      }
    }
    return (result, gammaGradient.columnSums, upstream.columnSums)
  }
}
