import Foundation
import Kernels
import Memory
import Testing

/// Rounding to bfloat16, number by number and in kernels.
struct BFloat16Tests {
  /// The nearest of the two neighbors by distance in double precision, ties to even; 0
  /// for subnormal numbers.
  private func nearest(_ value: Float) -> UInt16 {
    if value.isSubnormal { return value.sign == .minus ? 0x8000 : 0 }
    let below = UInt16(truncatingIfNeeded: value.bitPattern >> 16)
    func distance(_ bits: UInt16) -> Double {
      // Beyond the largest finite number comes 2¹²⁸, whose place infinity takes.
      let number = Float(bitPattern: UInt32(bits) << 16)
      let magnitude = number.isInfinite ? 0x1p128 : abs(Double(number))
      return abs(magnitude - abs(Double(value)))
    }
    let (down, up) = (distance(below), distance(below + 1))
    if down == up { return below.isMultiple(of: 2) ? below : below + 1 }
    return down < up ? below : below + 1
  }

  static let hardCases: [Float] = [
    0, -0.0, 1, -1, 1 + 0x1p-8, 1 + 0x3p-8, 1 + 0x1p-8 + 0x1p-23, 1 + 0x1p-8 - 0x1p-23,
    .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 0x1.FEp127, 0x1.FEFFFEp127, 0x1.FFp127,
    .leastNonzeroMagnitude, .leastNormalMagnitude, -.leastNormalMagnitude.nextDown, 0x1p-134,
  ]

  @Test func everyNumberGoesToTheNearestTiesToEven() {
    var random = RandomValues(seed: 4)
    let bits = (0..<200_000).map { _ in UInt32(truncatingIfNeeded: random.word()) }
    let values = Self.hardCases + bits.map(Float.init(bitPattern:)).filter(\.isFinite)
    for value in values where BFloat16(value).bitPattern != nearest(value) {
      Issue.record("\(value) becomes \(BFloat16(value).float)")
    }
  }

  @Test func roundingARoundedNumberChangesNothing() {
    for bits in UInt16.min...UInt16.max {
      let value = Float(bitPattern: UInt32(bits) << 16)
      if value.isNaN { continue }
      #expect(BFloat16(value).bitPattern == (value.isSubnormal ? bits & 0x8000 : bits))
    }
  }

  /// The lowest NaNs would become infinite, and the highest −0, by rounding their bits.
  @Test func infinityAndNaNStay() {
    let infinities: [Float] = [.infinity, -.infinity]
    #expect(infinities.map { BFloat16($0).float } == infinities)
    let numbers = [0x7F80_0001, 0x7FFF_FFFF, 0xFF80_0001, 0xFFFF_FFFF, 0x7FC0_0000]
      .map { Float(bitPattern: $0) }
    let matrix = Matrix<BFloat16>(zeros: 1, 80)
    Kernels.round(Matrix((0..<80).map { numbers[$0 % 5] }, rows: 1, columns: 80), into: matrix)
    #expect(matrix.array.allSatisfy { $0.float.isNaN })
    #expect(numbers.allSatisfy { BFloat16($0).float.isNaN })
  }

  @Test(arguments: widths)
  func matricesAreRoundedAsNumbersAre(width: Int) {
    var random = RandomValues(seed: width)
    let values = (Self.hardCases + random.normal(3 * width)).suffix(3 * width)
    let wide = Matrix<BFloat16>(zeros: 3, width + 9)
    wide.vector.fill(BFloat16(.nan))
    Kernels.round(Matrix(Array(values), rows: 3, columns: width), into: wide.columns(2..<width + 2))
    let found = wide.columns(2..<width + 2).array.map(\.bitPattern)
    #expect(found == values.map { BFloat16($0).bitPattern })
    #expect(wide.columns(0..<2).array.allSatisfy { $0.float.isNaN })
    #expect(wide.columns(width + 2..<width + 9).array.allSatisfy { $0.float.isNaN })
  }

  @Test(arguments: widths)
  func geluRoundsWhatItWouldPutOut(width: Int) {
    var random = RandomValues(seed: width)
    let (tokens, bias) = (5, Vector(random.normal(width)))
    let input = matrix(random.normal(tokens * width), tokens, width)
    let (slope, output) = (Matrix<Float>(zeros: tokens, width), Matrix<Float>(zeros: tokens, width))
    let roundedSlope = Matrix<BFloat16>(zeros: tokens, width)
    let roundedOutput = Matrix<BFloat16>(zeros: tokens, width)
    geluForward(input: input, bias: bias, derivative: .float32(slope), output: .float32(output))
    geluForward(
      input: input, bias: bias, derivative: .bfloat16(roundedSlope),
      output: .bfloat16(roundedOutput))
    expectRounded(roundedSlope, slope)
    expectRounded(roundedOutput, output)

    let sums = (Vector<Float>(zeros: width), Vector<Float>(zeros: width))
    let gradient = matrix(random.normal(tokens * width), tokens, width)
    geluBackward(
      gradient: gradient, derivative: .bfloat16(roundedSlope), biasGradient: sums.0,
      inputGradient: .bfloat16(roundedOutput))
    geluBackward(
      gradient: gradient,
      derivative: .float32(matrix(roundedSlope.array.map(\.float), tokens, width)),
      biasGradient: sums.1, inputGradient: .float32(output))
    #expect(haveSameBits(sums.0.array, sums.1.array), "sums are of gradients before rounding")
    expectRounded(roundedOutput, output)
  }

  @Test(arguments: widths)
  func layerNormRoundsWhatItPutsOut(width: Int) {
    var random = RandomValues(seed: width)
    let rows = raggedRows([3, 2])
    let zeros = Vector<Float>(zeros: width)
    let norm = LayerNormParameters(
      gamma: Vector(random.normal(width)), beta: zeros, epsilon: 1e-12)
    let (dense, upstream) = (random.normal(5 * width), random.normal(5 * width))
    let statistics = LayerNormStatistics(
      mean: Vector(zeros: 5), reciprocalDeviation: Vector(zeros: 5))
    func sums() -> Vector<Float> { Vector(zeros: width) }
    func run(_ output: MixedPrecisionMatrix, _ denseGradient: Operand) -> [Float] {
      let sum = matrix(dense, 5, width)
      residualLayerNormForward(
        ResidualInputs(
          dense: sum, bias: zeros, residual: Matrix(zeros: 5, width), rows: rows,
          dropout: someDropout),
        norm, output: output, statistics: statistics)
      let bias = sums()
      residualLayerNormBackward(
        ResidualSum(values: sum, statistics: statistics, rows: rows, dropout: someDropout), norm,
        gradient: matrix(upstream, 5, width),
        into: ResidualGradients(
          dense: denseGradient, bias: bias,
          norm: LayerNormGradients(gamma: sums(), beta: sums())))
      return bias.array
    }
    let (exact, gradient) = (Matrix<Float>(zeros: 5, width), Matrix<Float>(zeros: 5, width))
    let rounded = MixedPrecisionMatrix(Matrix(zeros: 5, width), .bfloat16)
    let roundedGradient = Matrix<BFloat16>(zeros: 5, width)
    let bias = run(MixedPrecisionMatrix(exact, .float32), .float32(gradient))
    #expect(haveSameBits(run(rounded, .bfloat16(roundedGradient)), bias))
    #expect(haveSameBits(rounded.values.array, exact.array))
    expectRounded(roundedGradient, gradient)
    if case .bfloat16(let output) = rounded.operand {
      expectRounded(output, exact)
    } else {
      Issue.record("not rounded")
    }
  }

  private func expectRounded(_ rounded: Matrix<BFloat16>, _ exact: Matrix<Float>) {
    #expect(rounded.array.map(\.bitPattern) == exact.array.map { BFloat16($0).bitPattern })
  }

  private func matrix(_ values: [Float], _ rows: Int, _ columns: Int) -> Matrix<Float> {
    Matrix(values, rows: rows, columns: columns)
  }
}
