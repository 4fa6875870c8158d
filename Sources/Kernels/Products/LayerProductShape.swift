// How long the products of a layer take in each precision, on this processor and now.

import Memory

/// The shape of a layer's largest products: `[tokens, hiddenSize]` by `[4 · hiddenSize, hiddenSize]`,
/// forward and backward.
public struct LayerProductShape {
  private let tokens: Int
  private let hiddenSize: Int

  /// Rounds of measurement, and the seconds after which there is none any more.
  private static let rounds = 15
  private static let longest = 0.4
  /// Tokens that are multiplied: fewer tell little, more only take longer.
  private static let tokenBounds = (lower: 32, upper: 1_024)

  /// - Parameter tokens: of a microbatch.
  public init(tokens: Int, hiddenSize: Int) {
    self.tokens = min(max(tokens, Self.tokenBounds.lower), Self.tokenBounds.upper)
    self.hiddenSize = hiddenSize
  }

  /// Seconds that the products take in each precision, rounding included: the shortest of several
  /// rounds, in which the precisions take turns.
  public func measure(_ precisions: [ProductPrecision]) -> [Double] {
    let products = precisions.map { LayerProducts(tokens, hiddenSize, $0) }
    var best = [Double](repeating: .infinity, count: precisions.count)
    let clock = ContinuousClock()
    let start = clock.now
    // The first round touches the memory.
    for round in 0...Self.rounds {
      for index in products.indices {
        let seconds = clock.measure { products[index].run() } / .seconds(1)
        if round > 0 { best[index] = min(best[index], seconds) }
      }
      if round > 1, (clock.now - start) / .seconds(1) > Self.longest { break }
    }
    return best
  }

  /// Floating-point operations of a round: three products.
  public var operations: Double { 3 * 2 * 4 * Double(tokens * hiddenSize * hiddenSize) }
}

/// The operands of one precision.
private struct LayerProducts {
  /// `[tokens, H]`, `[4H, H]`, `[tokens, 4H]`.
  private let input, weights, output: MixedPrecisionMatrix
  /// `[4H, H]`
  private let gradient: Matrix<Float>

  init(_ tokens: Int, _ hiddenSize: Int, _ precision: ProductPrecision) {
    func matrix(_ rows: Int, _ columns: Int) -> MixedPrecisionMatrix {
      let values = Matrix<Float>(zeros: rows, columns)
      for row in 0..<rows { values.row(row).fill(0.01 * Float(1 + row % 7)) }
      let matrix = MixedPrecisionMatrix(values, precision)
      matrix.round()
      return matrix
    }
    input = matrix(tokens, hiddenSize)
    weights = matrix(4 * hiddenSize, hiddenSize)
    output = matrix(tokens, 4 * hiddenSize)
    gradient = Matrix(zeros: 4 * hiddenSize, hiddenSize)
  }

  /// Output, gradient of the weights and gradient of the input, as a layer computes them.
  func run() {
    input.round()
    multiply(input.operand, transposed: weights, into: output.values)
    output.round()
    multiply(transposed: output.operand, input.operand, into: gradient)
    multiply(output.operand, weights, into: input.values)
  }
}
