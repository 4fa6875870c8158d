import Kernels
import Memory
import Testing

/// What is kept of blocks of weights, and the way back.
struct SparseWeightsTests {
  private static let width = labelBlockWidth

  /// The definition: scale · w in float, kept unless it is zero or smaller than the cut-off.
  private func kept(
    _ blocks: [[Float]], firstLabel: Int, labels: Int, features: Int, scale: Float, cutoff: Float
  ) -> [[(column: Int, value: Float)]] {
    (0..<features).map { feature in
      blocks.enumerated().flatMap { index, block in
        (0..<Self.width).compactMap { place in
          let label = firstLabel + index * Self.width + place
          let value = block[feature * Self.width + place] * scale
          guard label < labels, value != 0, !(abs(value) < cutoff) else { return nil }
          return (label, value)
        }
      }
    }
  }

  private func lists(_ kept: PrunedWeights) -> [[(column: Int, value: Float)]] {
    var place = 0
    return kept.counts.array.map { count in
      defer { place += Int(count) }
      return (place..<place + Int(count)).map { (Int(kept.labels[$0]), kept.values[$0]) }
    }
  }

  /// Labels that end within a block, with it, and in the first of two.
  @Test(arguments: [(0, 5), (1, 0), (1, 1), (2, 9), (3, 4)], [0, 1, 63])
  func largeWeightsAreKeptInTheirOrder(shape: (Int, Int), missing: Int) {
    let (count, features) = shape
    var random = RandomValues(seed: count + features + missing)
    let blocks = (0..<count).map { _ in random.normal(features * Self.width) }
    let (first, scale, cutoff): (Int, Float, Float) = (128, 0.37, 0.4)
    let labels = first + max(count * Self.width - missing, 0)
    let expected = kept(
      blocks, firstLabel: first, labels: labels, features: features, scale: scale, cutoff: cutoff)
    for layout in Layout.allCases {
      let memory = GuardedMemory(layout)
      let found = PrunedWeights(
        blocks.map { memory.constant($0, features, Self.width) }, labels: first..<labels,
        featureCount: features, scale: scale, cutoff: cutoff)
      memory.expectIntact("PrunedWeights", sourceLocation: #_sourceLocation)
      #expect(haveSameBits(lists(found), expected))
      #expect(found.labels.count == found.values.count)
    }
  }

  private func keep(_ values: [Float], cutoff: Float, scale: Float = 1) -> [Float] {
    let block = Matrix<Float>(zeros: 1, Self.width)
    for (place, value) in values.enumerated() { block[0, 3 * place] = value }
    let kept = PrunedWeights(
      [block], labels: 0..<Self.width, featureCount: 1, scale: scale, cutoff: cutoff)
    #expect(kept.labels.array.allSatisfy { $0 % 3 == 0 })
    return kept.values.array
  }

  @Test func aWeightAsLargeAsTheCutOffIsKept() {
    let below = Float(0.05).nextDown
    #expect(keep([0.05, below, -0.05, -below, 0.05], cutoff: 0.05) == [0.05, -0.05, 0.05])
    #expect(keep([0.2, -0.2, 0.19], cutoff: 0.05, scale: 0.25) == [0.05, -0.05])
  }

  @Test func withoutACutOffEverythingButZerosIsKept() {
    let small = Float.leastNonzeroMagnitude
    #expect(keep([0, small, -0.0, -small, 1], cutoff: 0) == [small, -small, 1])
    #expect(keep([], cutoff: 0) == [])
  }

  /// A model that has diverged must not look as if it had small weights.
  @Test(arguments: [0, 1, 3])
  func whatIsNoNumberIsKeptAndHidesNothing(place: Int) {
    var values: [Float] = [0.5, 0.01, -0.5, 0.01, .infinity]
    values[place] = .nan
    let found = keep(values, cutoff: 0.05)
    let expected = values.filter { !(abs($0) < 0.05) }
    #expect(found.map { $0.isNaN } == expected.map { $0.isNaN })
    #expect(found.filter { !$0.isNaN } == expected.filter { !$0.isNaN })
  }

  @Test func partsMergeRowByRow() {
    let parts = [
      [[(0, 1), (5, 2)], [], [(7, 3)], []], [[], [], [(64, 4)], []], [[], [], [], []],
      [[(128, 5)], [], [(130, 6), (131, 7)], [(129, 8)]],
    ].map { $0.map { $0.map { (column: $0.0, value: Float($0.1)) } } }
    let merged = mergeRows(
      counts: parts.map { Vector($0.map { Int32($0.count) }) },
      columns: parts.map { Vector($0.joined().map { Int32($0.column) }) },
      values: parts.map { Vector($0.joined().map(\.value)) }, columnCount: 140)
    let expected = (0..<4).map { row in parts.flatMap { $0[row] } }
    #expect(haveSameBits(merged.lists, expected))
    #expect(merged.columnCount == 140)
  }

  @Test func partsWithoutRowsMergeToNoRows() {
    let none = mergeRows(
      counts: [Vector<Int32>(zeros: 0)], columns: [Vector<Int32>(zeros: 0)],
      values: [Vector<Float>(zeros: 0)], columnCount: 3)
    #expect(none.rows == 0 && none.valueCount == 0)
    let empty = mergeRows(
      counts: [Vector<Int32>(zeros: 4)], columns: [Vector<Int32>(zeros: 0)],
      values: [Vector<Float>(zeros: 0)], columnCount: 3)
    #expect(empty.rows == 4 && empty.valueCount == 0)
  }

  @Test(arguments: [0..<64, 64..<128, 128..<150, 150..<150])
  func scatterWritesTheColumnsOfTheRangeOnly(columns: Range<Int>) {
    for rows in [0, 1, 10] {
      let sparse = ScalarSparse(rows: rows, columns: 150, seed: rows)
      var random = RandomValues(seed: rows)
      let before = random.normal(rows * Self.width)
      var expected = before
      for (row, values) in sparse.rows.enumerated() {
        for (column, value) in values where columns.contains(column) {
          expected[row * Self.width + column - columns.lowerBound] = value
        }
      }
      verify("scatter \(columns) of \(rows)", ["target": expected.doubles], within: .exact) {
        scatter(
          sparse.matrix, columns: columns, into: $0.changing("target", before, rows, Self.width))
      }
    }
  }

  /// Weights that are shared out over blocks, kept, merged and scattered are the same weights.
  @Test func blocksComeBackFromWhatWasKept() {
    let (features, labels) = (11, 150)
    var random = RandomValues(seed: 1)
    let blocks = (0..<3).map { _ in
      random.normal(features * Self.width).map { abs($0) < 1 ? 0 : $0 }
    }
    let parts = blocks.enumerated().map { index, block in
      PrunedWeights(
        [Matrix(block, rows: features, columns: Self.width)],
        labels: index * Self.width..<labels, featureCount: features, scale: 1, cutoff: 0.5)
    }
    let merged = mergeRows(
      counts: parts.map(\.counts), columns: parts.map(\.labels), values: parts.map(\.values),
      columnCount: labels)
    for (index, block) in blocks.enumerated() {
      let range = index * Self.width..<min((index + 1) * Self.width, labels)
      let back = Matrix<Float>(zeros: features, Self.width)
      scatter(merged, columns: range, into: back)
      for feature in 0..<features {
        let row = block[feature * Self.width..<feature * Self.width + range.count]
        #expect(haveSameBits(Array(back.row(feature).array[..<range.count]), Array(row)))
      }
    }
  }
}
