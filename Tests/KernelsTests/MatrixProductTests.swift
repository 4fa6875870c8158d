import Kernels
import Memory
import Testing

/// The three forms of the matrix product against plain loops.
struct MatrixProductTests {
  /// m, n, k: vectors, odd sizes, sizes of a layer, and empty ones.
  static let shapes = [
    [1, 1, 1], [7, 5, 3], [17, 33, 65], [1, 40, 384], [130, 64, 17], [64, 384, 40], [2, 1_536, 16],
    [0, 16, 8], [16, 0, 8], [16, 40, 0], [128, 96, 64], [215, 133, 96], [40, 24, 1_100],
    [130, 40, 3_100], [129, 1_000, 1_500],
  ]

  /// a `[m, k]`, b `[k, n]` and c `[m, n]`, each also transposed.
  private func check(
    _ shape: [Int], accumulate: Bool, _ name: String,
    call: (GuardedMemory, ScalarMatrix, ScalarMatrix, Matrix<Float>) -> Void
  ) {
    let (m, n, k) = (shape[0], shape[1], shape[2])
    var random = RandomValues(seed: m + 1_000 * n + k)
    let a = ScalarMatrix(random.normal(m * k), m, k)
    let b = ScalarMatrix(random.normal(k * n), k, n)
    let earlier = random.normal(m * n)
    var product = (a * b).values
    if accumulate { product = zip(product, earlier).map { $0 + Double($1) } }
    verify("\(name) \(shape)", ["c": product], within: .sum(of: k)) { memory in
      let c = accumulate ? memory.changing("c", earlier, m, n) : memory.output("c", m, n)
      call(memory, a, b, c)
    }
  }

  private func operand(_ matrix: ScalarMatrix, _ memory: GuardedMemory) -> Matrix<Float> {
    memory.constant(matrix.values.map(Float.init), matrix.rows, matrix.columns)
  }

  @Test(arguments: shapes, [false, true])
  func forwardForm(shape: [Int], accumulate: Bool) {
    check(shape, accumulate: accumulate, "a·bᵀ") { memory, a, b, c in
      multiply(
        operand(a, memory), transposed: operand(b.transposed, memory), into: c,
        accumulate: accumulate)
    }
  }

  @Test(arguments: shapes, [false, true])
  func inputGradientForm(shape: [Int], accumulate: Bool) {
    check(shape, accumulate: accumulate, "a·b") { memory, a, b, c in
      multiply(operand(a, memory), operand(b, memory), into: c, accumulate: accumulate)
    }
  }

  @Test(arguments: shapes, [false, true])
  func weightGradientForm(shape: [Int], accumulate: Bool) {
    check(shape, accumulate: accumulate, "aᵀ·b") { memory, a, b, c in
      multiply(
        transposed: operand(a.transposed, memory), operand(b, memory), into: c,
        accumulate: accumulate)
    }
  }

  @Test func partsOfAWiderMatrixAreMultipliedInPlace() {
    var random = RandomValues(seed: 5)
    let wide = random.normal(6 * 30)
    let b = random.normal(4 * 10)
    let left = Matrix(wide, rows: 6, columns: 30).columns(10..<20)
    let result = Matrix<Float>(zeros: 6, 12)
    multiply(left, transposed: Matrix(b, rows: 4, columns: 10), into: result.columns(3..<7))
    let part = ScalarMatrix(left.array, 6, 10)
    let expected = part * ScalarMatrix(b, 4, 10).transposed
    expectClose(result.columns(3..<7).array, expected.values, within: .sum(of: 10), "part")
    #expect(result.columns(0..<3).array.allSatisfy { $0 == 0 })
    #expect(result.columns(7..<12).array.allSatisfy { $0 == 0 })
  }

  @Test func theLibraryNamesItself() {
    let library = matrixProductLibrary()
    #expect(library.contains("OpenBLAS") || library == bfloat16ProductLibrary())
  }
}
