import Kernels
import Memory
import Testing

/// Whether products of bfloat16 operands can be computed here.
private let isAvailable = ProductPrecision.bfloat16.obstacle == nil

/// The three forms of the product of bfloat16 matrices against plain loops over the same rounded
/// operands: what is left is the error of sums in single precision.
@Suite(.enabled(if: isAvailable, "needs oneDNN and a processor with bfloat16 products"))
struct BFloat16ProductTests {
  /// How a bfloat16 operand lies in memory: offset of its first value, and gap between rows.
  private static let layouts = [(0, 0), (1, 0), (7, 5), (0, 384)]

  /// A bfloat16 matrix among NaNs.
  private func operand(_ matrix: ScalarMatrix, _ layout: (offset: Int, gap: Int))
    -> Matrix<BFloat16>
  {
    let stride = matrix.columns + layout.gap
    let whole = Matrix<BFloat16>(zeros: 1, layout.offset + matrix.rows * stride + 64).row(0)
    whole.fill(BFloat16(.nan))
    let part = whole[layout.offset..<layout.offset + matrix.rows * stride]
    let view = part.matrix(matrix.rows, stride).columns(0..<matrix.columns)
    for row in 0..<matrix.rows {
      for column in 0..<matrix.columns {
        view[row, column] = BFloat16(Float(matrix[row, column]))
      }
    }
    return view
  }

  private func roundedValues(_ count: Int, _ random: inout RandomValues) -> [Float] {
    random.normal(count).map { BFloat16($0).float }
  }

  /// a `[m, k]`, b `[k, n]` and c `[m, n]`.
  private func check(
    _ shape: [Int], accumulate: Bool, _ name: String,
    call: (
      _ operand: (ScalarMatrix) -> Matrix<BFloat16>, ScalarMatrix, ScalarMatrix, Matrix<Float>
    ) -> Void
  ) {
    let (m, n, k) = (shape[0], shape[1], shape[2])
    var random = RandomValues(seed: m + 1_000 * n + k)
    let a = ScalarMatrix(roundedValues(m * k, &random), m, k)
    let b = ScalarMatrix(roundedValues(k * n, &random), k, n)
    let earlier = random.normal(m * n)
    var product = (a * b).values
    if accumulate { product = zip(product, earlier).map { $0 + Double($1) } }
    var bits: [[Float]] = []
    for layout in Self.layouts {
      let written = verify(
        "\(name) \(shape) \(layout)", ["c": product], within: .sum(of: k)
      ) { memory in
        let c = accumulate ? memory.changing("c", earlier, m, n) : memory.output("c", m, n)
        call({ operand($0, layout) }, a, b, c)
      }
      bits.append(written["c"] ?? [])
    }
    #expect(bits.allSatisfy { haveSameBits($0, bits[0]) }, "\(name) \(shape): layouts differ")
  }

  @Test(arguments: MatrixProductTests.shapes, [false, true])
  func forwardForm(shape: [Int], accumulate: Bool) {
    check(shape, accumulate: accumulate, "a·bᵀ") { operand, a, b, c in
      multiply(operand(a), transposed: operand(b.transposed), into: c, accumulate: accumulate)
    }
  }

  @Test(arguments: MatrixProductTests.shapes, [false, true])
  func inputGradientForm(shape: [Int], accumulate: Bool) {
    check(shape, accumulate: accumulate, "a·b") { operand, a, b, c in
      multiply(operand(a), operand(b), into: c, accumulate: accumulate)
    }
  }

  @Test(arguments: MatrixProductTests.shapes, [false, true])
  func weightGradientForm(shape: [Int], accumulate: Bool) {
    check(shape, accumulate: accumulate, "aᵀ·b") { operand, a, b, c in
      multiply(transposed: operand(a.transposed), operand(b), into: c, accumulate: accumulate)
    }
  }

  /// What benchmarks compare with multiplies, too: all three forms.
  @Test(arguments: [[7, 5, 3], [64, 384, 40], [215, 133, 96]])
  func oneDNNForTheseSizes(shape: [Int]) {
    for (isATransposed, isBTransposed) in [(false, true), (false, false), (true, false)] {
      check(shape, accumulate: false, "oneDNN for the sizes") { operand, a, b, c in
        multiplyByOneDNNForTheseSizes(
          isATransposed ? .transposed(operand(a.transposed)) : .plain(operand(a)),
          isBTransposed ? .transposed(operand(b.transposed)) : .plain(operand(b)), into: c)
      }
    }
  }

  /// Products that are kept for other products are the sums, rounded, and nothing beside
  /// them is written.
  @Test(
    .enabled(if: keptPrecision(ofProductsIn: .bfloat16) == .bfloat16, "needs matrix tiles"),
    arguments: MatrixProductTests.shapes.filter { $0[2] > 0 && $0[2] <= 1_500 } + [
      [40, 400, 1_500]
    ])
  func keptProductsAreRounded(shape: [Int]) {
    let (m, n, k) = (shape[0], shape[1], shape[2])
    var random = RandomValues(seed: m + n)
    func rounded(_ rows: Int, _ columns: Int) -> MixedPrecisionMatrix {
      let matrix = MixedPrecisionMatrix(
        Matrix(random.normal(rows * columns), rows: rows, columns: columns), .bfloat16)
      matrix.round()
      return matrix
    }
    func expect(_ sums: Matrix<Float>, _ multiply: (Operand) -> Void) {
      let wide = Matrix<BFloat16>(zeros: m, n + 7)
      wide.vector.fill(BFloat16(.nan))
      multiply(.bfloat16(wide.columns(3..<n + 3)))
      #expect(
        wide.columns(3..<n + 3).array.map(\.bitPattern)
          == sums.array.map { BFloat16($0).bitPattern }, "\(shape)")
      #expect(wide.columns(0..<3).array.allSatisfy { $0.float.isNaN })
      #expect(wide.columns(n + 3..<n + 7).array.allSatisfy { $0.float.isNaN })
    }
    let (a, b, transposed) = (rounded(m, k), rounded(k, n), rounded(n, k))
    let sums = Matrix<Float>(zeros: m, n)
    multiply(a.operand, transposed: transposed, into: sums)
    expect(sums) { multiply(a.operand, transposed: transposed, into: $0) }
    multiply(a.operand, b, into: sums)
    expect(sums) { multiply(a.operand, b, into: $0) }
  }

  /// An operand's own NaN must reach the result: that is how a run finds that it has diverged.
  @Test func notANumberIsNotLost() {
    let a = Matrix<BFloat16>(zeros: 3, 5)
    a[1, 2] = BFloat16(.nan)
    let c = Matrix<Float>(zeros: 3, 4)
    multiply(a, transposed: Matrix<BFloat16>(zeros: 4, 5), into: c)
    #expect(c.row(1).array.allSatisfy { $0.isNaN })
    #expect(c.row(0).array + c.row(2).array == [Float](repeating: 0, count: 8))
  }

  @Test func threadsOfTheTestRunnerGetTheSameBits() async {
    var random = RandomValues(seed: 9)
    let a = ScalarMatrix(roundedValues(70 * 96, &random), 70, 96)
    let b = ScalarMatrix(roundedValues(40 * 96, &random), 40, 96)
    let results = await withTaskGroup(of: [Float].self) { group in
      for _ in 0..<8 {
        group.addTask {
          let c = Matrix<Float>(zeros: 70, 40)
          multiply(operand(a, (0, 0)), transposed: operand(b, (0, 0)), into: c)
          return c.array
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(results.allSatisfy { haveSameBits($0, results[0]) })
  }

  @Test func theLibraryNamesItself() {
    #expect(bfloat16ProductLibrary()?.hasPrefix("oneDNN ") == true)
  }
}

/// What is told if bfloat16 cannot be had.
struct BFloat16ObstacleTests {
  @Test func singlePrecisionMeetsNoObstacle() {
    #expect(ProductPrecision.float32.obstacle == nil)
  }

  @Test(.enabled(if: bfloat16ProductLibrary() == nil, "the program was built with oneDNN"))
  func aBuildWithoutOneDNNNamesThePackage() {
    #expect(ProductPrecision.bfloat16.obstacle?.contains("libdnnl-dev") == true)
  }
}
