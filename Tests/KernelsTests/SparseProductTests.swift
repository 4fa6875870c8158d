import Kernels
import Memory
import Testing

/// Products of sparse rows with a block of labels' weights, forward and backward.
struct SparseProductTests {
  /// Rows and features: none of either, one, fewer and more than the kernel fetches ahead.
  static let shapes = [(0, 5), (4, 0), (1, 1), (1, 6), (3, 7), (18, 40), (41, 300)]
  private let width = labelBlockWidth

  @Test(arguments: shapes)
  func theProductIsTheSumOfTheFeaturesWeights(rows: Int, features: Int) {
    let sparse = ScalarSparse(rows: rows, columns: features, seed: rows + features)
    var random = RandomValues(seed: features)
    let weights = random.normal(features * width)
    for scale: Float in [1, 0.25, -3e-5] {
      let expected = sparse.product(weights, width: width).map { Double(scale) * $0 }
      verify(
        "sparseProduct \(rows) × \(features)", ["output": expected],
        within: .sum(of: sparse.longest)
      ) {
        sparseProduct(
          sparse.matrix, $0.constant(weights, features, width), scale: scale,
          into: $0.output("output", rows, width))
      }
    }
  }

  @Test func aRowsProductDoesNotDependOnItsNeighbors() {
    let sparse = ScalarSparse(rows: 21, columns: 90, seed: 3)
    var random = RandomValues(seed: 4)
    let weights = Matrix(random.normal(90 * width), rows: 90, columns: width)
    let all = Matrix<Float>(zeros: 21, width)
    sparseProduct(sparse.matrix, weights, scale: 0.7, into: all)
    let order = [20, 3, 3, 1, 0]
    let some = Matrix<Float>(zeros: order.count, width)
    sparseProduct(sparse.matrix.rows(order), weights, scale: 0.7, into: some)
    for (place, row) in order.enumerated() {
      #expect(haveSameBits(some.row(place).array, all.row(row).array))
    }
  }

  @Test func onlyTheRowsOfAFeatureSeeItsNaN() {
    var sparse = ScalarSparse(rows: 3, columns: 4, seed: 0)
    sparse.rows = [[(0, 1), (2, 1)], [(1, 1), (3, .nan)], [(1, 2)]]
    let weights = Matrix(Array(repeating: Float(1), count: 4 * width), rows: 4, columns: width)
    weights.row(2)[5] = .nan
    let output = Matrix<Float>(zeros: 3, width)
    sparseProduct(sparse.matrix, weights, scale: 1, into: output)
    #expect(output.row(0).array.indices.filter { output[0, $0].isNaN } == [5])
    #expect(output.row(1).array.allSatisfy { $0.isNaN })
    #expect(output.row(2).array.allSatisfy { $0 == 2 })
  }

  @Test(arguments: shapes)
  func touchedFeaturesAscendAndAreThoseOfSomeRow(rows: Int, features: Int) {
    let sparse = ScalarSparse(rows: rows, columns: features, seed: 7 * rows + features)
    let transposed = TransposedFeatures(sparse.matrix)
    #expect(transposed.features.map(Int.init) == sparse.touched)
    #expect(transposed.count == sparse.touched.count)
  }

  @Test(arguments: shapes)
  func theSquaresAreThoseOfEachTouchedFeaturesGradient(rows: Int, features: Int) {
    let sparse = ScalarSparse(rows: rows, columns: features, seed: rows + 2 * features)
    var random = RandomValues(seed: rows)
    let gradients = random.normal(rows * width)
    let sums = sparse.transposedProduct(gradients, width: width)
    let expected = sparse.touched.map { feature in
      sums[feature * width..<(feature + 1) * width].reduce(0) { $0 + $1 * $1 }
    }
    verify(
      "sparseGradientSquares \(rows) × \(features)", ["squares": expected],
      within: .sum(of: max(rows, width))
    ) {
      sparseGradientSquares(
        TransposedFeatures(sparse.matrix), $0.constant(gradients, rows, width),
        into: $0.output("squares", expected.count))
    }
  }

  @Test(arguments: shapes)
  func descentMovesTouchedWeightsAgainstTheirGradient(rows: Int, features: Int) {
    let sparse = ScalarSparse(rows: rows, columns: features, seed: rows + 3 * features)
    var random = RandomValues(seed: 2 * rows)
    let (gradients, weights) = (random.normal(rows * width), random.normal(features * width))
    let step: Float = 0.3
    let expected = zip(weights, sparse.transposedProduct(gradients, width: width)).map {
      Double($0) - Double(step) * $1
    }
    let written = verify(
      "sparseDescent \(rows) × \(features)", ["weights": expected], within: .sum(of: rows)
    ) {
      sparseDescent(
        TransposedFeatures(sparse.matrix), $0.constant(gradients, rows, width), step: step,
        weights: $0.changing("weights", weights, features, width))
    }
    let moved = written["weights"] ?? []
    for feature in 0..<features where !sparse.touched.contains(feature) {
      let range = feature * width..<(feature + 1) * width
      #expect(haveSameBits(Array(moved[range]), Array(weights[range])), "feature \(feature)")
    }
  }

  @Test func aNaNReachesTheFeaturesOfItsRowOnly() {
    var sparse = ScalarSparse(rows: 2, columns: 5, seed: 0)
    sparse.rows = [[(0, 1), (3, 2)], [(1, 1)]]
    let gradients = Matrix<Float>(zeros: 2, width)
    gradients[0, 63] = .nan
    let transposed = TransposedFeatures(sparse.matrix)
    let squares = Vector<Float>(zeros: 3)
    sparseGradientSquares(transposed, gradients, into: squares)
    #expect(squares.array.map { $0.isNaN } == [true, false, true])
    let weights = Matrix<Float>(zeros: 5, width)
    sparseDescent(transposed, gradients, step: 1, weights: weights)
    let wrong = weights.array.indices.filter { weights.array[$0].isNaN }
    #expect(wrong == [63, 3 * width + 63])
  }

  @Test(arguments: shapes, [1, 70, 130])
  func weightsThatAreZeroNeedNotBeThere(shape: (Int, Int), labels: Int) {
    let (rows, features) = shape
    let sparse = ScalarSparse(rows: rows, columns: features, seed: rows + features + labels)
    let weights = ScalarSparse(rows: features, columns: labels, seed: 5 * labels)
    var random = RandomValues(seed: labels)
    let logits = random.normal(rows * labels)
    var dense = [Float](repeating: 0, count: features * labels)
    for (feature, row) in weights.rows.enumerated() {
      for (label, value) in row { dense[feature * labels + label] = value }
    }
    let expected = zip(logits, sparse.product(dense, width: labels)).map { Double($0) + $1 }
    verify(
      "addSparseProduct \(rows) × \(features) × \(labels)", ["logits": expected],
      within: .sum(of: sparse.longest)
    ) {
      addSparseProduct(
        sparse.matrix, weights.matrix, into: $0.changing("logits", logits, rows, labels))
    }
  }
}
