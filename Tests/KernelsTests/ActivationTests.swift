import Kernels
import Memory
import Testing

/// What follows a dense layer, with and without a gate, against its definition.
struct ActivationTests {
  private static let activations: [Activation] = [.gelu, .geluTanh, .relu]
  private static let gated = Tolerance(reason: "as the activation, then a sum", relative: 4e-6)

  @Test(arguments: activations)
  func valueAndSlopeAreThoseOfTheDefinition(activation: Activation) {
    let input = stride(from: Float(-12), through: 12, by: 0.0625).map { $0 + 0.001 }
    let expected = [
      "output": input.map { scalarActivation(activation, Double($0)) },
      "slope": input.map { scalarSlope(activation, Double($0)) },
    ]
    verify("\(activation)", expected, within: .normalDistribution) { memory in
      let slope = memory.changing("slope", input, 1, input.count)
      geluForward(
        input: slope, bias: memory.constant([Float](repeating: 0, count: input.count)), activation,
        derivative: .float32(slope),
        output: .float32(memory.output("output", 1, input.count)))
    }
  }

  @Test func notANumberStaysSo() {
    for activation in Self.activations {
      let input = Matrix<Float>([.nan, 1, -1], rows: 1, columns: 3)
      let output = Matrix<Float>(zeros: 1, 3)
      geluForward(
        input: input, bias: Vector(zeros: 3), activation, derivative: .float32(input),
        output: .float32(output))
      #expect(output[0, 0].isNaN && !output[0, 1].isNaN, "\(activation)")
    }
    let values = Vector<Float>([.nan, 2, -2])
    applyReLU(values)
    #expect(values.array[0].isNaN && values.array[1...] == [2, 0])
  }

  @Test(arguments: widths, [nil, someDropout])
  func theGateMultipliesAndIsDifferentiated(width: Int, dropout: Dropout?) {
    for activation in Self.activations {
      let rows = raggedRows([3, 1, 5])
      let tokens = rows.tokenCount
      var random = RandomValues(seed: width)
      let (input, bias) = (random.normal(tokens * 2 * width), random.normal(2 * width))
      let upstream = random.normal(tokens * width)
      let masks = scalarMasks(dropout, rows, columns: width)
      var (output, gradient) = ([Double](), Array(repeating: 0.0, count: tokens * 2 * width))
      for token in 0..<tokens {
        for i in 0..<width {
          let line = token * 2 * width + i
          let a = Double(input[line] + bias[i])
          let gate = Double(input[line + width] + bias[width + i])
          let mask = masks[token * width + i]
          output.append(scalarActivation(activation, a) * gate * mask)
          let above = Double(upstream[token * width + i]) * mask
          gradient[line] = above * gate * scalarSlope(activation, a)
          gradient[line + width] = above * scalarActivation(activation, a)
        }
      }
      let sums = ScalarMatrix(gradient, tokens, 2 * width).columnSums
      verify(
        "gated \(activation) \(width)", ["output": output, "gradient": gradient, "bias": sums],
        within: Self.gated
      ) { memory in
        let derivative = Matrix<Float>(input, rows: tokens, columns: 2 * width)
        gatedForward(
          GatedInputs(
            values: derivative, bias: memory.constant(bias), activation: activation, rows: rows,
            dropout: dropout),
          into: GELUResults(
            derivative: .float32(derivative),
            output: .float32(memory.output("output", tokens, width))))
        gatedBackward(
          gradient: memory.constant(upstream, tokens, width), derivative: .float32(derivative),
          biasGradient: memory.changing("bias", Array(repeating: 0, count: 2 * width)),
          inputGradient: .float32(memory.output("gradient", tokens, 2 * width)))
      }
    }
  }
}
