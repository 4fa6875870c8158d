import Kernels
import Testing

/// GELU against its definition with the C library's erfc.
struct GELUTests {
  @Test(arguments: widths)
  func forwardKeepsTheSlope(width: Int) {
    for tokens in batches.map({ $0.reduce(0, +) }) {
      var random = RandomValues(seed: width + tokens)
      let input = random.normal(tokens * width, deviation: 2)
      let bias = random.normal(width, deviation: 0.5)
      // The kernel adds the bias in float; so does the twin, to see GELU's own error.
      let sum = input.enumerated().map { Double($0.element + bias[$0.offset % width]) }
      let expected = ["output": sum.map(scalarGELU), "slope": sum.map(scalarGELUSlope)]
      verify("geluForward [\(tokens), \(width)]", expected, within: .normalDistribution) { memory in
        let slope = memory.changing("slope", input, tokens, width)
        geluForward(
          input: slope, bias: memory.constant(bias), derivative: .float32(slope),
          output: .float32(memory.output("output", tokens, width)))
      }
    }
  }

  @Test(arguments: widths)
  func backwardMultipliesAndSums(width: Int) {
    for tokens in batches.map({ $0.reduce(0, +) }) {
      var random = RandomValues(seed: width + tokens)
      let upstream = random.normal(tokens * width)
      let slope = random.normal(tokens * width)
      let earlier = random.normal(width)
      let product = zip(upstream, slope).map { Double($0) * Double($1) }
      let sums = ScalarMatrix(product, tokens, width).columnSums
      let expected = [
        "gradient": product, "bias": zip(sums, earlier).map { $0 + Double($1) },
      ]
      let tolerance = Tolerance.sum(of: tokens)
      verify("geluBackward [\(tokens), \(width)]", expected, within: tolerance) { memory in
        let gradient = memory.changing("gradient", upstream, tokens, width)
        geluBackward(
          gradient: gradient, derivative: .float32(memory.constant(slope, tokens, width)),
          biasGradient: memory.changing("bias", earlier), inputGradient: .float32(gradient))
      }
    }
  }

  @Test func gradientEqualsFiniteDifferences() {
    var random = RandomValues(seed: 1)
    let (tokens, width) = (3, 17)
    let input = random.normal(tokens * width, deviation: 2)
    let bias = random.normal(width)
    let upstream = random.normal(tokens * width)
    let size = tokens * width
    let gradient = numericalGradient(at: (input + bias).doubles) { x in
      inner((0..<size).map { scalarGELU(x[$0] + x[size + $0 % width]) }, upstream.doubles)
    }
    let expected = ["gradient": Array(gradient[..<size]), "bias": Array(gradient[size...])]
    verify("finite differences", expected, within: .finiteDifference) { memory in
      let slope = GuardedMatrix(
        "slope", rows: tokens, columns: width, values: input, layout: .tight
      ).view
      geluForward(
        input: slope, bias: memory.constant(bias), derivative: .float32(slope),
        output: .float32(
          GuardedMatrix("output", rows: tokens, columns: width, values: nil, layout: .tight).view))
      let gradient = memory.changing("gradient", upstream, tokens, width)
      geluBackward(
        gradient: gradient, derivative: .float32(slope),
        biasGradient: memory.changing("bias", Array(repeating: 0, count: width)),
        inputGradient: .float32(gradient))
    }
  }
}
