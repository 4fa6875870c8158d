import Foundation
import Kernels
import Testing

/// The stated error bounds of the vector functions, on dense sweeps.
struct VectorMathTests {
  /// Units in the last place of the float nearest to `expected`.
  private func unitsInLastPlace(_ actual: Float, _ expected: Double) -> Double {
    abs(Double(actual) - expected) / Double(Float(expected).ulp)
  }

  /// Calls `body` with 16 neighboring values at a time, `count` in all from `low` to `high`.
  private func sweep(
    _ low: Float, _ high: Float, count: Int, _ body: (SIMD16<Float>) -> Void
  ) {
    for start in stride(from: 0, to: count, by: 16) {
      var x = SIMD16<Float>()
      for lane in 0..<16 {
        x[lane] = low + (high - low) * Float(start + lane) / Float(count - 1)
      }
      body(x)
    }
  }

  @Test(arguments: [(-87.29, 88.29), (-1, 1), (-1e-3, 1e-3), (-20, 0)] as [(Float, Float)])
  func exponentialIsWithinItsBound(low: Float, high: Float) {
    var worst = (error: 0.0, at: Float(0))
    sweep(low, high, count: 1 << 19) { x in
      let value = exponential(x)
      for lane in 0..<16 {
        let error = unitsInLastPlace(value[lane], exp(Double(x[lane])))
        if error > worst.error { worst = (error, x[lane]) }
      }
    }
    #expect(worst.error < 1.25, "\(worst)")
  }

  @Test func exponentialOfExtremesStaysNormal() {
    let extremes: [Float] = [
      -.infinity, -.greatestFiniteMagnitude, -1e4, -104, -88, -87.3, 88.3, 89, 1e4,
      .greatestFiniteMagnitude, .infinity,
    ]
    for x in extremes {
      let value = exponential(SIMD16(repeating: x))[3]
      let bounded = Double(min(max(x, -87.3), 88.3))
      #expect(value.isNormal && unitsInLastPlace(value, exp(bounded)) < 1.25, "\(x)")
    }
    #expect(exponential(SIMD16(repeating: 0))[0] == 1)
    #expect(exponential(SIMD16(repeating: -0.0))[15] == 1)
    #expect(exponential(SIMD16(repeating: .leastNonzeroMagnitude))[7] == 1)
  }

  @Test(arguments: [(-126, 127.49), (-1, 1), (-1e-3, 1e-3), (-30, 0)] as [(Float, Float)])
  func powerOfTwoIsWithinItsBound(low: Float, high: Float) {
    var worst = (error: 0.0, at: Float(0))
    sweep(low, high, count: 1 << 19) { x in
      let value = powerOfTwo(x)
      for lane in 0..<16 {
        let error = unitsInLastPlace(value[lane], exp2(Double(x[lane])))
        if error > worst.error { worst = (error, x[lane]) }
      }
    }
    #expect(worst.error < 2.5, "\(worst)")
  }

  @Test func powerOfTwoOfExtremes() {
    let extremes: [Float] = [-.infinity, -.greatestFiniteMagnitude, -1e4, -127, -126]
    for x in extremes { #expect(powerOfTwo(SIMD16(repeating: x))[3] == 0x1p-126, "\(x)") }
    for n in -126...127 {
      #expect(powerOfTwo(SIMD16(repeating: Float(n)))[n & 15] == exp2f(Float(n)))
    }
    // With any payload, which must not change the exponent.
    for bits in [0x7FC0_0000, 0xFFC0_0000, 0x7FFF_FFFF, 0x7FC0_0081] as [UInt32] {
      let value = Float(bitPattern: bits)
      #expect(powerOfTwo(SIMD16(repeating: value))[5].isNaN)
      #expect(exponential(SIMD16(repeating: value))[5].isNaN)
    }
  }

  @Test func exponentialNeverFallsBetweenNeighborsByMoreThanItsError() {
    var previous: Float = 0
    var largestFall: Float = 0
    sweep(-30, 30, count: 1 << 18) { x in
      let value = exponential(x)
      for lane in 0..<16 {
        largestFall = max(largestFall, (previous - value[lane]) / previous.ulp)
        previous = value[lane]
      }
    }
    #expect(largestFall <= 2)
  }

  @Test(arguments: [(-9, -5, 2.5e-6), (-5, -1e-6, 8e-7)] as [(Float, Float, Double)])
  func lowerTailOfTheNormalDistributionKeepsItsDigits(low: Float, high: Float, bound: Double) {
    var worst = (error: 0.0, at: Float(0))
    sweep(low, high, count: 1 << 18) { x in
      let value = normalDistribution(x).cumulative
      for lane in 0..<16 {
        let expected = scalarNormalDistribution(Double(x[lane]))
        let error = abs(Double(value[lane]) / expected - 1)
        if error > worst.error { worst = (error, x[lane]) }
      }
    }
    #expect(worst.error < bound, "\(worst)")
  }

  @Test func normalDistributionIsWithinItsBound() {
    var worst = (error: 0.0, at: Float(0))
    sweep(-12, 12, count: 1 << 19) { x in
      let (cumulative, density) = normalDistribution(x)
      for lane in 0..<16 {
        let (t, expected) = (Double(x[lane]), scalarNormalDistribution(Double(x[lane])))
        let errors = [Double(cumulative[lane]) - expected, Double(density[lane]) - exp(-t * t / 2)]
        let error = errors.map(abs).max() ?? 0
        if error > worst.error { worst = (error, x[lane]) }
      }
    }
    #expect(worst.error < 2.2e-7, "\(worst)")
  }

  @Test(arguments: [9.5, 13, 20, 100, 1e4, 1e18] as [Float])
  func farTailsOfTheNormalDistributionAreZeroAndOne(x: Float) {
    let upper = normalDistribution(SIMD16(repeating: x))
    let lower = normalDistribution(SIMD16(repeating: -x))
    #expect(upper.cumulative[0] == 1)
    #expect(lower.cumulative[0] >= 0 && lower.cumulative[0] < 1e-19)
    #expect(lower.exponential[0] >= 0 && lower.exponential[0] < 1e-19)
  }

  @Test func notANumberStaysOne() {
    for nan in [Float.nan, -.nan] {
      var x = SIMD16<Float>(repeating: 1)
      x[5] = nan
      #expect(exponential(x)[5].isNaN && exponential(x)[4].isFinite)
      #expect(normalDistribution(x).cumulative[5].isNaN)
      #expect(normalDistribution(x).exponential[5].isNaN)
    }
  }
}
