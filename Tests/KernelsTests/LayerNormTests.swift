import Kernels
import Memory
import Testing

/// LayerNorm alone and fused, against `ScalarLayerNorm`.
struct LayerNormTests {
  static let epsilon: Float = 1e-12

  /// One call's operands.
  struct Example {
    let rows: RaggedRows
    let width: Int
    let tokens: Int
    let input: [Float]
    let residual: [Float]
    let bias: [Float]
    let gamma: [Float]
    let beta: [Float]
    let upstream: [Float]
    /// What the parameters' gradients hold before.
    let earlier: [Float]

    init(_ lengths: [Int], _ width: Int, mean: Double = 0.5) {
      var random = RandomValues(seed: width + 10_000 * lengths.count)
      rows = raggedRows(lengths)
      self.width = width
      tokens = rows.tokenCount
      input = random.normal(tokens * width, mean: mean, deviation: 1.5)
      residual = random.normal(tokens * width)
      bias = random.normal(width)
      gamma = random.normal(width, mean: 1, deviation: 0.2)
      beta = random.normal(width)
      upstream = random.normal(tokens * width)
      earlier = random.normal(width)
    }

    func parameters(_ memory: GuardedMemory) -> LayerNormParameters {
      LayerNormParameters(
        gamma: memory.constant(gamma), beta: memory.constant(beta), epsilon: epsilon)
    }

    func sums(_ memory: GuardedMemory) -> LayerNormGradients {
      LayerNormGradients(
        gamma: memory.changing("gamma", earlier), beta: memory.changing("beta", earlier))
    }

    var norm: ScalarLayerNorm {
      ScalarLayerNorm(gamma: gamma.doubles, beta: beta.doubles, epsilon: Double(epsilon))
    }

    func matrix(_ values: [Float]) -> ScalarMatrix { ScalarMatrix(values, tokens, width) }

    /// residual + mask∘(dense + bias).
    func sum(_ dropout: Dropout?) -> ScalarMatrix {
      let mask = scalarMasks(dropout, rows, columns: width)
      return ScalarMatrix(
        input.indices.map {
          Double(residual[$0]) + mask[$0] * (Double(input[$0]) + Double(bias[$0 % width]))
        }, tokens, width)
    }

    func statistics(_ input: ScalarMatrix) -> (mean: [Double], rstd: [Double]) {
      let all = (0..<tokens).map { norm.statistics(input, $0) }
      return (all.map(\.mean), all.map(\.rstd))
    }

    /// Statistics of `input`, as constants of a backward pass.
    func statistics(_ input: ScalarMatrix, _ memory: GuardedMemory) -> LayerNormStatistics {
      let (mean, rstd) = statistics(input)
      return LayerNormStatistics(
        mean: memory.constant(mean.map(Float.init)),
        reciprocalDeviation: memory.constant(rstd.map(Float.init)))
    }
  }

  private func outputs(_ memory: GuardedMemory, _ tokens: Int) -> LayerNormStatistics {
    LayerNormStatistics(
      mean: memory.output("mean", tokens), reciprocalDeviation: memory.output("rstd", tokens))
  }

  private func verifyForward(_ e: Example, within tolerance: Tolerance = .layerNorm) {
    let input = e.matrix(e.input)
    let (mean, rstd) = e.statistics(input)
    let expected = ["output": e.norm.forward(input).values, "mean": mean, "rstd": rstd]
    verify("layerNormForward [\(e.tokens), \(e.width)]", expected, within: tolerance) { memory in
      layerNormForward(
        input: memory.constant(e.input, e.tokens, e.width), e.parameters(memory),
        output: memory.output("output", e.tokens, e.width),
        statistics: outputs(memory, e.tokens))
    }
  }

  @Test(arguments: widths)
  func normalizesEachToken(width: Int) {
    for lengths in batches { verifyForward(Example(lengths, width)) }
  }

  @Test func aLargeMeanCostsNoMoreDigitsThanTheInputLost() {
    // Floats near 1,000 are 6e-5 apart, and so is the mean; the sum it comes from adds as much.
    let tolerance = Tolerance(reason: "two roundings of a mean of 1,000", relative: 1.2e-4)
    verifyForward(Example([17], 384, mean: 1_000), within: tolerance)
  }

  @Test func mayWorkInPlace() {
    let e = Example([5, 2], 40)
    let expected = e.norm.forward(e.matrix(e.input)).values
    verify("in place", ["values": expected], within: .layerNorm) { memory in
      let values = memory.changing("values", e.input, e.tokens, e.width)
      layerNormForward(
        input: values, e.parameters(memory), output: values,
        statistics: LayerNormStatistics(
          mean: Vector(zeros: e.tokens), reciprocalDeviation: Vector(zeros: e.tokens)))
    }
  }

  @Test(arguments: widths)
  func backwardEqualsTheScalarTwin(width: Int) {
    for lengths in batches {
      let e = Example(lengths, width)
      let input = e.matrix(e.input)
      let twin = e.norm.backward(input, e.matrix(e.upstream))
      let expected = [
        "gradient": twin.input.values,
        "gamma": zip(twin.gamma, e.earlier).map { $0 + Double($1) },
        "beta": zip(twin.beta, e.earlier).map { $0 + Double($1) },
      ]
      verify("layerNormBackward \(lengths) × \(width)", expected, within: .layerNorm) { memory in
        layerNormBackward(
          input: memory.constant(e.input, e.tokens, width),
          statistics: e.statistics(input, memory), e.parameters(memory),
          gradient: memory.changing("gradient", e.upstream, e.tokens, width),
          sums: e.sums(memory))
      }
    }
  }

  @Test(arguments: widths, [nil, someDropout])
  func fusedForwardAddsBiasDropoutAndResidual(width: Int, dropout: Dropout?) {
    for lengths in batches {
      let e = Example(lengths, width)
      let sum = e.sum(dropout)
      let (mean, rstd) = e.statistics(sum)
      let expected = [
        "sum": sum.values, "output": e.norm.forward(sum).values, "mean": mean, "rstd": rstd,
      ]
      let what = "residualLayerNormForward \(lengths) × \(width)"
      verify(what, expected, within: .layerNorm) { memory in
        residualLayerNormForward(
          ResidualInputs(
            dense: memory.changing("sum", e.input, e.tokens, width), bias: memory.constant(e.bias),
            residual: memory.constant(e.residual, e.tokens, width), rows: e.rows,
            dropout: dropout),
          e.parameters(memory),
          output: MixedPrecisionMatrix(memory.output("output", e.tokens, width), .float32),
          statistics: outputs(memory, e.tokens))
      }
    }
  }

  /// Gradients of the fused kernel by name, `sum` as the forward pass left it.
  private func fusedTwin(_ e: Example, _ sum: ScalarMatrix, _ dropout: Dropout?)
    -> [String: [Double]]
  {
    let twin = e.norm.backward(sum, e.matrix(e.upstream))
    let mask = scalarMasks(dropout, e.rows, columns: e.width)
    let dense = ScalarMatrix(zip(twin.input.values, mask).map { $0 * $1 }, e.tokens, e.width)
    func added(_ values: [Double]) -> [Double] { zip(values, e.earlier).map { $0 + Double($1) } }
    return [
      "gradient": twin.input.values, "dense": dense.values, "gamma": added(twin.gamma),
      "beta": added(twin.beta), "bias": added(dense.columnSums),
    ]
  }

  private func callFusedBackward(
    _ e: Example, _ sum: [Float], _ dropout: Dropout?, _ memory: GuardedMemory
  ) {
    residualLayerNormBackward(
      ResidualSum(
        values: memory.constant(sum, e.tokens, e.width),
        statistics: e.statistics(e.matrix(sum), memory), rows: e.rows, dropout: dropout),
      e.parameters(memory), gradient: memory.changing("gradient", e.upstream, e.tokens, e.width),
      into: ResidualGradients(
        dense: .float32(memory.output("dense", e.tokens, e.width)),
        bias: memory.changing("bias", e.earlier), norm: e.sums(memory)))
  }

  @Test(arguments: widths, [nil, someDropout])
  func fusedBackwardEqualsTheScalarTwin(width: Int, dropout: Dropout?) {
    for lengths in batches {
      let e = Example(lengths, width)
      let sum = e.sum(dropout).values.map(Float.init)
      verify(
        "residualLayerNormBackward \(lengths) × \(width)", fusedTwin(e, e.matrix(sum), dropout),
        within: .layerNorm
      ) { callFusedBackward(e, sum, dropout, $0) }
    }
  }

  @Test(arguments: [nil, someDropout])
  func fusedBackwardEqualsFiniteDifferences(dropout: Dropout?) {
    let e = Example([3, 2], 17)
    let mask = scalarMasks(dropout, e.rows, columns: e.width)
    let (size, width) = (e.tokens * e.width, e.width)
    // The point holds dense, residual, bias, gamma and beta, end to end.
    let point = (e.input + e.residual + e.bias + e.gamma + e.beta).doubles
    let gradient = numericalGradient(at: point) { x in
      let sum = (0..<size).map { x[size + $0] + mask[$0] * (x[$0] + x[2 * size + $0 % width]) }
      let rest = Array(x[(2 * size + width)...])
      let norm = ScalarLayerNorm(
        gamma: Array(rest[..<width]), beta: Array(rest[width...]), epsilon: 1e-12)
      return inner(
        norm.forward(ScalarMatrix(sum, e.tokens, width)).values, e.upstream.doubles)
    }
    func added(_ range: Range<Int>) -> [Double] {
      zip(gradient[range], e.earlier).map { $0 + Double($1) }
    }
    let expected = [
      "dense": Array(gradient[..<size]), "gradient": Array(gradient[size..<2 * size]),
      "bias": added(2 * size..<2 * size + width),
      "gamma": added(2 * size + width..<2 * size + 2 * width),
      "beta": added(2 * size + 2 * width..<2 * size + 3 * width),
    ]
    let sum = e.sum(dropout).values.map(Float.init)
    verify("finite differences", expected, within: .finiteDifference) {
      callFusedBackward(e, sum, dropout, $0)
    }
  }

  @Test func gradientsOfARowOfEqualValuesAreFinite() {
    let (tokens, width) = (2, 40)
    let input = Matrix(Array(repeating: Float(3), count: tokens * width), rows: 2, columns: width)
    let gradient = Matrix(
      Array(repeating: Float(1), count: tokens * width), rows: 2, columns: width)
    let norm = LayerNormParameters(
      gamma: Vector(Array(repeating: Float(1), count: width)), beta: Vector(zeros: width),
      epsilon: Self.epsilon)
    let output = Matrix<Float>(zeros: tokens, width)
    let statistics = LayerNormStatistics(
      mean: Vector(zeros: tokens), reciprocalDeviation: Vector(zeros: tokens))
    layerNormForward(input: input, norm, output: output, statistics: statistics)
    #expect(output.array.allSatisfy { $0 == 0 })
    layerNormBackward(
      input: input, statistics: statistics, norm, gradient: gradient,
      sums: LayerNormGradients(gamma: Vector(zeros: width), beta: Vector(zeros: width)))
    #expect(gradient.array.allSatisfy { $0.isFinite })
  }
}
