import CTiles
import Kernels
import Memory
import Testing

/// Products by matrix tiles. Operands are small whole numbers, so that results are exact.
@Suite(.enabled(if: AMX.areAvailable, "needs a processor with matrix tiles (AMX)"))
struct AMXTests {
  private static let sizes = [[32, 32, 32], [32, 96, 64], [64, 32, 160], [96, 64, 32]]

  private func numbers(_ rows: Int, _ columns: Int, seed: Int) -> ScalarMatrix {
    var random = RandomValues(seed: seed)
    return ScalarMatrix(
      random.integers(rows * columns, below: 15).map { Double($0 - 7) }, rows, columns)
  }

  private func rounded(_ matrix: ScalarMatrix) -> [BFloat16] {
    matrix.values.map { BFloat16(Float($0)) }
  }

  /// The four forms, as operands of the products that they are for.
  @Test(arguments: sizes)
  func everyFormMultipliesAsItsMatrix(size: [Int]) {
    let (m, n, k) = (size[0], size[1], size[2])
    let (x, y) = (numbers(m, k, seed: 1), numbers(k, n, seed: 2))
    // As rows and pairs: x·y. As columns of xᵀ and transposed rows of yᵀ: the same product.
    let (rows, right) = (rounded(x), rounded(y))
    var pairs = [UInt32](repeating: 0, count: k / 2 * n)
    formPairs(right, rows: k, columns: n, &pairs)
    expect(rows, pairs, x * y, size)

    var (pairsOfTokens, columns) = (
      [UInt32](repeating: 0, count: k / 2 * m), [BFloat16](repeating: BFloat16(0), count: m * k)
    )
    formPairs(rounded(x.transposed), rows: k, columns: m, &pairsOfTokens)
    transposePairs(pairsOfTokens, rows: k, columns: m, &columns)
    var transposed = [UInt32](repeating: 0, count: k / 2 * n)
    transposeRows(rounded(y.transposed), rows: n, columns: k, &transposed)
    expect(columns, transposed, x * y, size)
  }

  private func expect(
    _ a: [BFloat16], _ b: [UInt32], _ product: ScalarMatrix, _ size: [Int]
  ) {
    let (m, n, k) = (size[0], size[1], size[2])
    for accumulate in [false, true] {
      // Rows of c lie apart, and what is between them stays.
      let stride = n + 5
      let c = Vector([Float](repeating: 3, count: m * stride))
      AMX.using {
        AMX.multiply(
          TileRows(pointer: a, stride: k), TilePairs(pointer: b, stride: n),
          into: PackedRows(c.pointer, stride: stride), ProductSize(rows: m, columns: n, depth: k),
          accumulate: accumulate)
      }
      let expected = (0..<m * stride).map { place -> Float in
        let column = place % stride
        guard column < n else { return 3 }
        return Float(product[place / stride, column]) + (accumulate ? 3 : 0)
      }
      #expect(c.array == expected, "\(size), accumulate \(accumulate)")
    }
  }

  @Test func anotherLibrarysTilesAreLeftAsTheyWere() {
    let initial = set_up_tiles()
    defer { restore_tiles(initial) }
    var others = tile_state()
    others.palette = 1
    others.row_bytes.0 = 32
    others.rows.0 = 8
    restore_tiles(others)
    AMX.using {}
    let found = set_up_tiles()
    #expect(found.palette == 1 && found.row_bytes.0 == 32 && found.rows.0 == 8)
    #expect(found.rows.1 == 0)
  }
}
