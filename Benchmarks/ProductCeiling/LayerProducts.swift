// The dense products of one BERT layer, in the precision of a training run and through the same
// entry points.

import Kernels
import Memory

/// Rates of matrix products, in GFLOP/s.
struct Rates {
  var median: Double
  var best: Double
  /// Medians by form.
  var forms: [(name: String, rate: Double)]
}

/// A dense layer's three products for T tokens: forward, input gradient, weight gradient.
struct DenseProducts {
  /// `[T, in]`, `[out, in]`, `[T, out]`
  let input: RoundedMatrix
  let weights: RoundedMatrix
  let output: RoundedMatrix
  let weightGradient: Matrix<Float>
  /// Operations of each product.
  let operations: Double

  init(_ precision: ProductPrecision, tokens: Int, from inner: Int, to outer: Int) {
    func matrix(_ rows: Int, _ columns: Int) -> RoundedMatrix {
      let matrix = RoundedMatrix(Matrix(zeros: rows, columns), precision)
      matrix.values.vector.fill(0.5)
      matrix.round()
      return matrix
    }
    input = matrix(tokens, inner)
    weights = matrix(outer, inner)
    output = matrix(tokens, outer)
    weightGradient = Matrix(zeros: outer, inner)
    operations = 2 * Double(tokens) * Double(inner) * Double(outer)
  }

  func forward() { multiply(input.operand, transposed: weights, into: output.values) }
  func inputGradient() { multiply(output.operand, weights, into: input.values) }
  func weightGradientProduct() {
    multiply(transposed: output.operand, input.operand, into: weightGradient)
  }

  /// Keeps the values from growing from round to round.
  func restore() {
    for matrix in [input, output] { matrix.values.vector.fill(0.5) }
  }
}

/// The four dense layers of a BERT layer: H → 3H, H → H, H → I, I → H.
struct LayerProducts {
  private let layers: [DenseProducts]

  init(_ arguments: Arguments) {
    let (hidden, intermediate) = (arguments.hidden, arguments.intermediate)
    layers = [
      (hidden, 3 * hidden), (hidden, hidden), (hidden, intermediate), (intermediate, hidden),
    ].map { DenseProducts(arguments.precision, tokens: arguments.tokens, from: $0.0, to: $0.1) }
  }

  /// Runs all products again and again, for that long and five times at least, after a first round
  /// that does not count.
  func measure(seconds: Double) -> Rates {
    let operations = layers.reduce(0) { $0 + $1.operations }
    let clock = ContinuousClock()
    var rounds: [[Double]] = []
    let start = clock.now
    repeat {
      rounds.append([
        time { $0.forward() }, time { $0.inputGradient() }, time { $0.weightGradientProduct() },
      ])
      for layer in layers { layer.restore() }
    } while rounds.count < 6 || (clock.now - start) / .seconds(1) < seconds
    rounds.removeFirst()
    func rate(_ operations: Double, _ times: [Double]) -> (median: Double, best: Double) {
      let sorted = times.sorted()
      return (operations / sorted[sorted.count / 2] / 1e9, operations / sorted[0] / 1e9)
    }
    let whole = rate(3 * operations, rounds.map { $0.reduce(0, +) })
    let kinds: [KernelKind] = [.forwardProduct, .inputGradientProduct, .weightGradientProduct]
    return Rates(
      median: whole.median, best: whole.best,
      forms: kinds.enumerated().map { index, kind in
        (kind.name, rate(operations, rounds.map { $0[index] }).median)
      })
  }

  private func time(_ product: (DenseProducts) -> Void) -> Double {
    ContinuousClock().measure { for layer in layers { product(layer) } } / .seconds(1)
  }
}
