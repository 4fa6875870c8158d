// The dense products of one BERT layer, in the precision of a training run: through the same entry
// points, and by the library that is the measure of them, OpenBLAS in single precision and
// oneDNN in bfloat16.

import Kernels
import Memory

/// Median rates of matrix products, in GFLOP/s.
struct Rates {
  /// As training multiplies.
  var training: Double
  /// The same products by the library.
  var library: Double
  /// As training multiplies, by form.
  var forms: [(name: String, rate: Double)]
}

/// A dense layer's three products for T tokens: forward, input gradient, weight gradient.
struct DenseProducts {
  /// `[T, in]`, `[out, in]`, `[T, out]`
  let input: MixedPrecisionMatrix
  let weights: MixedPrecisionMatrix
  let output: MixedPrecisionMatrix
  let weightGradient: Matrix<Float>
  /// Operations of each product.
  let operations: Double

  init(_ precision: ProductPrecision, tokens: Int, from inner: Int, to outer: Int) {
    func matrix(_ rows: Int, _ columns: Int) -> MixedPrecisionMatrix {
      let matrix = MixedPrecisionMatrix(Matrix(zeros: rows, columns), precision)
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

  /// All three by the library.
  func productsByLibrary() {
    switch (input.operand, weights.operand, output.operand) {
    case (.float32(let x), .float32(let w), .float32(let y)):
      multiplyByOpenBLAS(.plain(x), .transposed(w), into: output.values)
      multiplyByOpenBLAS(.plain(y), .plain(w), into: input.values)
      multiplyByOpenBLAS(.transposed(y), .plain(x), into: weightGradient)
    case (.bfloat16(let x), .bfloat16(let w), .bfloat16(let y)):
      multiplyByOneDNNForTheseSizes(.plain(x), .transposed(w), into: output.values)
      multiplyByOneDNNForTheseSizes(.plain(y), .plain(w), into: input.values)
      multiplyByOneDNNForTheseSizes(.transposed(y), .plain(x), into: weightGradient)
    default: preconditionFailure("operands of unlike precision")
    }
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

  /// Runs all products again and again, in both ways in turn, for that long and five times at
  /// least, after a first round that does not count.
  func measure(seconds: Double) -> Rates {
    let operations = layers.reduce(0) { $0 + $1.operations }
    let clock = ContinuousClock()
    var rounds: [Round] = []
    let start = clock.now
    repeat {
      rounds.append(measureRound())
    } while rounds.count < 6 || (clock.now - start) / .seconds(1) < seconds
    rounds.removeFirst()
    func rate(_ operations: Double, _ seconds: (Round) -> Double) -> Double {
      operations / rounds.map(seconds).sorted()[rounds.count / 2] / 1e9
    }
    let kinds: [KernelKind] = [.forwardProduct, .inputGradientProduct, .weightGradientProduct]
    return Rates(
      training: rate(3 * operations) { $0.forms.reduce(0, +) },
      library: rate(3 * operations) { $0.library },
      forms: kinds.enumerated().map { form, kind in
        (kind.name, rate(operations) { $0.forms[form] })
      })
  }

  /// Seconds of each form over all layers, and of all forms by the library.
  private typealias Round = (forms: [Double], library: Double)

  private func measureRound() -> Round {
    let forms = [
      time { $0.forward() }, time { $0.inputGradient() }, time { $0.weightGradientProduct() },
    ]
    for layer in layers { layer.restore() }
    let library = time { $0.productsByLibrary() }
    for layer in layers { layer.restore() }
    return (forms, library)
  }

  private func time(_ product: (DenseProducts) -> Void) -> Double {
    ContinuousClock().measure { for layer in layers { product(layer) } } / .seconds(1)
  }
}
