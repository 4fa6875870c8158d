import Kernels
import Memory
import Testing

/// AdamW against a double twin over many steps.
struct AdamWTests {
  private func step(_ number: Int, weightDecay: Double = 0.01) -> AdamWStep {
    AdamWStep(
      AdamWSettings(beta1: 0.9, beta2: 0.999, epsilon: 1e-8),
      learningRate: 1e-3 * Double(number) / 20, weightDecay: weightDecay, number: number,
      gradientScale: 0.37)
  }

  /// 20 updates; every third has no gradient if `sparse`.
  private func check(_ count: Int, weightDecay: Double, sparse: Bool) {
    var random = RandomValues(seed: count)
    let start = random.normal(count, deviation: 0.05)
    let gradients = (1...20).map { number in
      sparse && number % 3 == 0 ? nil : random.normal(count, deviation: 0.01)
    }
    var twins = start.map { ScalarAdamW(parameter: Double($0)) }
    for (index, gradient) in gradients.enumerated() {
      for place in 0..<count {
        twins[place].update(
          gradient: Double(gradient?[place] ?? 0), step(index + 1, weightDecay: weightDecay))
      }
    }
    let expected = [
      "parameters": twins.map(\.parameter), "first": twins.map(\.first),
      "second": twins.map(\.second),
    ]
    let zeros = [Float](repeating: 0, count: count)
    let tolerance = Tolerance(reason: "20 updates of 6 roundings", relative: 2e-6)
    verify("updateAdamW \(count)", expected, within: tolerance) { memory in
      let parameters = memory.changing("parameters", start)
      let first = memory.changing("first", zeros)
      let second = memory.changing("second", zeros)
      for (index, gradient) in gradients.enumerated() {
        updateAdamW(
          parameters: parameters, gradients: gradient.map { memory.constant($0) },
          firstMoments: first, secondMoments: second, step(index + 1, weightDecay: weightDecay))
      }
    }
  }

  @Test(arguments: [0, 1, 7, 16, 17, 40, 1_024], [0, 0.01])
  func twentyStepsFollowTheScalarTwin(count: Int, weightDecay: Double) {
    check(count, weightDecay: weightDecay, sparse: false)
  }

  @Test(arguments: [1, 16, 40])
  func stepsWithoutAGradientFollowToo(count: Int) {
    check(count, weightDecay: 0.01, sparse: true)
  }

  @Test func noGradientIsAGradientOfZeros() {
    var random = RandomValues(seed: 3)
    let count = 40
    let start = random.normal(count)
    let moments = (random.normal(count), random.normal(count).map { $0 * $0 })
    func run(_ gradients: Vector<Float>?) -> [Float] {
      let (p, m, v) = (Vector(start), Vector(moments.0), Vector(moments.1))
      updateAdamW(
        parameters: p, gradients: gradients, firstMoments: m, secondMoments: v, step(5))
      return p.array + m.array + v.array
    }
    #expect(haveSameBits(run(nil), run(Vector(zeros: count))))
  }

  @Test func theFirstStepMovesEachParameterByTheLearningRate() {
    let parameters = Vector<Float>([1, 1, 1])
    updateAdamW(
      parameters: parameters, gradients: Vector([1e-3, -20, 5]), firstMoments: Vector(zeros: 3),
      secondMoments: Vector(zeros: 3),
      AdamWStep(
        AdamWSettings(beta1: 0.9, beta2: 0.999, epsilon: 0), learningRate: 0.125,
        weightDecay: 0, number: 1, gradientScale: 1))
    expectClose(parameters.array, [0.875, 1.125, 0.875], within: .elementwise, "parameters")
  }
}
