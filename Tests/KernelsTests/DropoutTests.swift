import Kernels
import Memory
import Testing

/// Philox against its published vectors, masks against the scalar twin.
struct DropoutTests {
  /// Counter, key and result of the known-answer tests that come with the Philox paper's code.
  static let knownAnswers: [(counter: [UInt32], key: UInt64, words: [UInt32])] = [
    ([0, 0, 0, 0], 0, [0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8]),
    (
      [.max, .max, .max, .max], .max, [0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD]
    ),
    (
      [0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344], 0x299F_31D0_A409_3822,
      [0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1]
    ),
  ]

  @Test(arguments: 0..<knownAnswers.count)
  func philoxGivesThePublishedWords(index: Int) {
    let known = Self.knownAnswers[index]
    // The counter's neighbors in the other lanes show that each lane works alone.
    for lane in 0..<16 {
      var first = SIMD16<UInt32>(repeating: 0xDEAD_BEEF)
      first[lane] = known.counter[0]
      let words = philox(
        first, row: known.counter[1], place: known.counter[2], step: known.counter[3],
        key: known.key)
      #expect([words.0[lane], words.1[lane], words.2[lane], words.3[lane]] == known.words)
    }
    let key = [UInt32(truncatingIfNeeded: known.key), UInt32(known.key >> 32)]
    #expect(scalarPhilox(known.counter, key: key) == known.words)
  }

  @Test func philoxEqualsTheScalarTwin() {
    var random = RandomValues(seed: 9)
    for _ in 0..<100 {
      var first = SIMD16<UInt32>()
      for lane in 0..<16 { first[lane] = UInt32(truncatingIfNeeded: random.word()) }
      let rest = (0..<3).map { _ in UInt32(truncatingIfNeeded: random.word()) }
      let key = random.word()
      let words = philox(first, row: rest[0], place: rest[1], step: rest[2], key: key)
      for lane in 0..<16 {
        let twin = scalarPhilox(
          [first[lane]] + rest, key: [UInt32(truncatingIfNeeded: key), UInt32(key >> 32)])
        #expect([words.0[lane], words.1[lane], words.2[lane], words.3[lane]] == twin)
      }
    }
  }

  @Test(arguments: widths + [127, 128, 129])
  func maskedValuesEqualTheScalarTwin(width: Int) {
    for lengths in batches {
      var random = RandomValues(seed: width)
      let rows = raggedRows(lengths)
      let values = random.normal(rows.tokenCount * width)
      let mask = scalarMasks(someDropout, rows, columns: width)
      let expected = zip(values, mask).map { Double($0 * Float($1)) }
      verify("applyDropout \(lengths) × \(width)", ["values": expected], within: .exact) {
        applyDropout(
          someDropout, to: $0.changing("values", values, rows.tokenCount, width), rows: rows)
      }
    }
  }

  @Test func probabilityZeroChangesNothing() {
    var random = RandomValues(seed: 2)
    let values = random.normal(5 * 40)
    let matrix = Matrix(values, rows: 5, columns: 40)
    let dropout = Dropout(probability: 0, seed: 1, step: 1, place: 1)
    applyDropout(dropout, to: matrix, rows: raggedRows([5]))
    #expect(haveSameBits(matrix.array, values))
  }

  @Test func theScaleIsThatOfTheRoundedProbability() {
    // A tenth is 6,554 of 65,536, a little more; the scale makes up for just that.
    let dropout = Dropout(probability: 0.1, seed: 1, step: 1, place: 1)
    #expect(dropout.threshold == 6_554)
    #expect(dropout.scale == Float(65_536.0 / (65_536 - 6_554)))
    let nearlyAll = Dropout(probability: 0.999_999_9, seed: 1, step: 1, place: 1)
    #expect(nearlyAll.threshold == 65_535 && nearlyAll.scale.isFinite)
  }

  @Test func aRowsMaskDoesNotDependOnItsBatch() {
    let width = 200
    let lengths: [UInt32: Int] = [7: 3, 500: 17, 12: 1, 90_000: 5]
    func masks(_ keys: [UInt32]) -> [UInt32: [Float]] {
      let offsets = keys.reduce(into: [0]) { $0.append($0[$0.count - 1] + (lengths[$1] ?? 0)) }
      let rows = RaggedRows(offsets: offsets, keys: keys)
      let ones = [Float](repeating: 1, count: rows.tokenCount * width)
      let values = Matrix(ones, rows: rows.tokenCount, columns: width)
      applyDropout(someDropout, to: values, rows: rows)
      let pairs = keys.enumerated().map { index, key in
        (key, values.rows(offsets[index]..<offsets[index + 1]).array)
      }
      return Dictionary(uniqueKeysWithValues: pairs)
    }
    let whole = masks([7, 500, 12, 90_000])
    #expect(masks([90_000, 12, 500, 7]) == whole)
    for key in whole.keys { #expect(masks([key])[key] == whole[key]) }
    #expect(whole[7]?.prefix(width) != whole[500]?.prefix(width))
  }

  @Test func forwardAndBackwardDropTheSameValues() {
    // Dense values of 1 on a residual of 0: where the forward pass left a 0, the backward pass
    // must stop the gradient.
    let (width, rows) = (200, raggedRows([3, 17]))
    let tokens = rows.tokenCount
    var random = RandomValues(seed: 4)
    let dense = Matrix([Float](repeating: 1, count: tokens * width), rows: tokens, columns: width)
    let gain = Vector(Array(repeating: Float(1), count: width))
    let statistics = LayerNormStatistics(
      mean: Vector(zeros: tokens), reciprocalDeviation: Vector(zeros: tokens))
    residualLayerNormForward(
      dense: dense, bias: Vector(zeros: width), residual: Matrix(zeros: tokens, width), rows: rows,
      dropout: someDropout, gain: gain, shift: Vector(zeros: width), epsilon: 1e-12,
      output: Matrix(zeros: tokens, width), statistics: statistics)
    let denseGradient = Matrix<Float>(zeros: tokens, width)
    residualLayerNormBackward(
      sum: dense, statistics: statistics, gain: gain, rows: rows, dropout: someDropout,
      gradient: Matrix(random.normal(tokens * width), rows: tokens, columns: width),
      denseGradient: denseGradient, gainGradient: Vector(zeros: width),
      shiftGradient: Vector(zeros: width), biasGradient: Vector(zeros: width))
    #expect(dense.array.map { $0 == 0 } == denseGradient.array.map { $0 == 0 })
  }
}
