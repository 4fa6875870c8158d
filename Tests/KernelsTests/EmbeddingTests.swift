import Kernels
import Memory
import Testing

/// Look-up of embeddings and the scatter of their gradients.
struct EmbeddingTests {
  /// One call's operands; ids repeat, the first and the last of the vocabulary among them.
  struct Example {
    let rows: RaggedRows
    let ids: [Int32]
    let vocabulary = 23
    let places = 140
    let word: [Float]
    let position: [Float]
    let type: [Float]
    let gradient: [Float]

    init(_ lengths: [Int], _ width: Int) {
      var random = RandomValues(seed: width + lengths.count)
      rows = raggedRows(lengths)
      var ids = random.integers(rows.tokenCount, below: vocabulary).map(Int32.init)
      if ids.count > 1 { (ids[0], ids[ids.count - 1]) = (0, Int32(vocabulary - 1)) }
      self.ids = ids
      word = random.normal(vocabulary * width)
      position = random.normal(places * width)
      type = random.normal(width)
      gradient = random.normal(rows.tokenCount * width)
    }

    /// The place of each token in its row.
    var placeOfToken: [Int] {
      (0..<rows.count).flatMap { 0..<rows.offsets[$0 + 1] - rows.offsets[$0] }
    }
  }

  @Test(arguments: widths)
  func theThreeEmbeddingsAreAdded(width: Int) {
    for lengths in batches {
      let e = Example(lengths, width)
      let expected = zip(e.ids, e.placeOfToken).flatMap { id, place in
        (0..<width).map {
          Double(e.word[Int(id) * width + $0] + e.position[place * width + $0] + e.type[$0])
        }
      }
      verify("embeddingForward \(lengths) × \(width)", ["output": expected], within: .exact) {
        embeddingForward(
          tokenIDs: Vector(e.ids), rows: e.rows,
          tables: EmbeddingTables(
            word: $0.constant(e.word, e.vocabulary, width),
            position: $0.constant(e.position, e.places, width), type: $0.constant(e.type)),
          output: $0.output("output", e.ids.count, width))
      }
    }
  }

  @Test(arguments: widths)
  func positionGradientsAreThoseOfTheirPlaces(width: Int) {
    for lengths in batches {
      let e = Example(lengths, width)
      var sums = e.position
      for (token, place) in e.placeOfToken.enumerated() {
        for i in 0..<width { sums[place * width + i] += e.gradient[token * width + i] }
      }
      verify("addPositionGradients \(lengths)", ["position": sums.doubles], within: .exact) {
        addPositionGradients(
          $0.constant(e.gradient, e.ids.count, width), tokenIDs: Vector(e.ids), rows: e.rows,
          into: $0.changing("position", e.position, e.places, width))
      }
    }
  }

  @Test func placesBeginBehindThePaddingsNumberWhichIsNotCounted() {
    let ids: [Int32] = [5, 1, 6, 7, 8, 1]
    let rows = raggedRows([4, 2])
    let places = [2, 1, 3, 4, 2, 1]
    let table = Matrix<Float>((0..<16).map(Float.init), rows: 8, columns: 2)
    let output = Matrix<Float>(zeros: 6, 2)
    embeddingForward(
      tokenIDs: Vector(ids), rows: rows,
      tables: EmbeddingTables(
        word: Matrix(zeros: 9, 2), position: table, type: Vector(zeros: 2), positionPadding: 1),
      output: output)
    #expect(output.array == places.flatMap { [Float(2 * $0), Float(2 * $0 + 1)] })
    let gradient = Matrix<Float>(zeros: 8, 2)
    addPositionGradients(
      Matrix([Float](repeating: 1, count: 12), rows: 6, columns: 2), tokenIDs: Vector(ids),
      rows: rows, padding: 1, into: gradient)
    #expect((0..<8).map { gradient[$0, 0] } == [0, 0, 2, 1, 1, 0, 0, 0])
  }

  @Test(arguments: widths, Layout.allCases)
  func wordGradientsEqualADenseScatter(width: Int, layout: Layout) {
    for lengths in batches {
      let e = Example(lengths, width)
      var dense = [Float](repeating: 0, count: e.vocabulary * width)
      for (token, id) in e.ids.enumerated() {
        for i in 0..<width { dense[Int(id) * width + i] += e.gradient[token * width + i] }
      }
      let memory = GuardedMemory(layout)
      let buffer = SparseRowsBuffer(rows: e.vocabulary, columns: width)
      buffer.collect(
        tokens: Vector(e.ids), gradients: memory.constant(e.gradient, e.ids.count, width))
      memory.expectIntact("collect", sourceLocation: #_sourceLocation)
      let sparse = buffer.rows
      #expect(sparse.ids.array == Set(e.ids).sorted())
      let expected = sparse.ids.array.flatMap { dense[Int($0) * width..<(Int($0) + 1) * width] }
      #expect(haveSameBits(sparse.values.array, expected))
    }
  }
}
