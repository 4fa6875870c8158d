import Kernels
import Memory
import Testing

/// A dense layer with GELU against the same product and GELU one after the other: not
/// a bit differs.
struct DenseGELUTests {
  /// T, H, I.
  private static let shapes = [
    [0, 16, 32], [1, 16, 16], [17, 40, 133], [32, 32, 32], [130, 384, 96],
    [40, 1_000, 700],
  ]

  private static var precisions: [ProductPrecision] {
    [.float32, .bfloat16].filter { $0.obstacle == nil }
  }

  @Test(arguments: shapes)
  func equalsItsParts(shape: [Int]) {
    let (tokens, hidden, inner) = (shape[0], shape[1], shape[2])
    for precision in Self.precisions {
      var random = RandomValues(seed: tokens + hidden)
      func matrix(_ rows: Int, _ columns: Int) -> MixedPrecisionMatrix {
        let matrix = MixedPrecisionMatrix(
          Matrix(random.normal(rows * columns), rows: rows, columns: columns), precision)
        matrix.round()
        return matrix
      }
      let size = Workspace.peak { reserveDenseGELU(precision, tokens, inner, in: $0) }
      let workspace = Workspace(capacity: 4 * Workspace.size(of: tokens * inner) + size)
      func operand() -> Operand { Operand(precision, tokens, inner, in: workspace) }
      let (input, weights) = (matrix(tokens, hidden), matrix(inner, hidden))
      let bias = Vector(random.normal(inner))
      let (derivative, output) = (operand(), operand())
      let kept = workspace.mark
      denseGELUForward(
        input: input.operand, layer: ActivatedLayer(weights: weights, bias: bias),
        into: GELUResults(derivative: derivative, output: output), in: workspace)

      let (expectedDerivative, expectedOutput) = (operand(), operand())
      let sums = Matrix<Float>(zeros: tokens, inner)
      multiply(input.operand, transposed: weights, into: sums)
      geluForward(input: sums, bias: bias, derivative: expectedDerivative, output: expectedOutput)
      #expect(bits(derivative) == bits(expectedDerivative), "\(precision) \(shape)")
      #expect(bits(output) == bits(expectedOutput), "\(precision) \(shape)")

      // Backward through the same derivative.
      workspace.release(to: kept)
      let above = matrix(hidden, inner)
      let earlier = random.normal(inner)
      let (biasGradient, expectedBias) = (Vector(earlier), Vector(earlier))
      denseGELUBackward(
        gradient: input.operand, weights: above, derivative: derivative,
        into: GELUGradients(bias: biasGradient, input: output), in: workspace)
      multiply(input.operand, above, into: sums)
      let expectedGradient = operand()
      geluBackward(
        gradient: sums, derivative: derivative, biasGradient: expectedBias,
        inputGradient: expectedGradient)
      #expect(bits(output) == bits(expectedGradient), "\(precision) \(shape)")
      #expect(haveSameBits(biasGradient.array, expectedBias.array), "\(precision) \(shape)")
    }
  }

  private func bits(_ operand: Operand) -> [UInt32] {
    switch operand {
    case .float32(let matrix): matrix.array.map(\.bitPattern)
    case .bfloat16(let matrix): matrix.array.map { UInt32($0.bitPattern) }
    }
  }
}
