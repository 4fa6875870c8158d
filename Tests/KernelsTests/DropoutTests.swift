import CRandom
import Kernels
import Memory
import Testing

/// Random bits and masks against the scalar twin.
struct DropoutTests {
  /// AES-128 of FIPS 197, appendix C.1, by the twin's rounds.
  @Test func theTwinsRoundIsThatOfAES() {
    var state = (0..<16).map { UInt8($0 * 0x11) }
    var key = (0..<16).map { UInt8($0) }
    state = zip(state, key).map { $0 ^ $1 }
    var constant: UInt8 = 1
    for round in 1...10 {
      var next = (0..<4).map { key[$0] ^ ScalarAES.substitutes[Int(key[12 + ($0 + 1) % 4])] }
      next[0] ^= constant
      for place in 4..<16 { next.append(key[place] ^ next[place - 4]) }
      key = next
      constant = ScalarAES.product(constant, 2)
      state = ScalarAES.round(state, key: key, mixes: round < 10)
    }
    let cipher: [UInt8] = [
      0x69, 0xC4, 0xE0, 0xD8, 0x6A, 0x7B, 0x04, 0x30, 0xD8, 0xCD, 0xB7, 0x80, 0x70, 0xB4, 0xC5,
      0x5A,
    ]
    #expect(state == cipher)
  }

  /// Values of another implementation of the paper, Random123.jl.
  @Test func theTwinsCountersAreThoseOfThePaper() {
    let counter: [UInt32] = [0x0D0D_FEFC, 0xB476_0719, 0x4F7B_9227, 0x9799_B5D5]
    let key: (UInt64, UInt64) = (0x5A7D_A274_D3B8_146A, 0x07B8_E4B6_AA98_EC24)
    let known: [(rounds: UInt64, words: [UInt16])] = [
      (3, [0xFC19, 0x2C32, 0x4164, 0x67C8, 0x19E8, 0x0063, 0x1A8B, 0xB662]),
      (10, [0xF9A2, 0xBAD2, 0x7697, 0x4E28, 0xED82, 0xF996, 0xDF44, 0xAC35]),
    ]
    for (rounds, words) in known {
      #expect(scalarARS(counter, key: key, rounds: rounds) == words, "\(rounds) rounds")
    }
  }

  /// Whatever computes the rounds: each way that this processor has.
  @Test(arguments: randomUnits, [UInt16(0), 1, 6_554, 0x8000, .max])
  func bitsEqualTheScalarTwin(unit: random_unit, threshold: UInt16) {
    let (key, words) = (UInt64(0x299F_31D0_A409_3822), [UInt32.max, 3, 0x85A3_08D3])
    for (first, blocks) in [(UInt32(0), 1), (7, 3), (0x0FFF_FFFF, 2)] {
      var bits = [UInt8](repeating: 0x5A, count: 16 * blocks + 1)
      random_bits(
        unit, &bits, random_stream(key: key, words: (words[0], words[1], words[2])), first, blocks,
        threshold)
      let expected = (0..<16 * blocks).map { place in
        let counter = first &* 16 &+ UInt32(place)
        return scalarARS([counter] + words, key: (key, 0)).enumerated().reduce(UInt8(0)) {
          $0 | ($1.element >= threshold ? 1 << $1.offset : 0)
        }
      }
      #expect(Array(bits.dropLast()) == expected && bits.last == 0x5A, "\(unit), \(first)")
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
    let norm = LayerNormParameters(
      gamma: Vector(Array(repeating: Float(1), count: width)), beta: Vector(zeros: width),
      epsilon: 1e-12)
    let statistics = LayerNormStatistics(
      mean: Vector(zeros: tokens), reciprocalDeviation: Vector(zeros: tokens))
    residualLayerNormForward(
      ResidualInputs(
        dense: dense, bias: Vector(zeros: width), residual: Matrix(zeros: tokens, width),
        rows: rows, dropout: someDropout),
      norm, output: MixedPrecisionMatrix(Matrix(zeros: tokens, width), .float32),
      statistics: statistics)
    let denseGradient = Matrix<Float>(zeros: tokens, width)
    residualLayerNormBackward(
      ResidualSum(values: dense, statistics: statistics, rows: rows, dropout: someDropout), norm,
      gradient: Matrix(random.normal(tokens * width), rows: tokens, columns: width),
      into: ResidualGradients(
        dense: .float32(denseGradient), bias: Vector(zeros: width),
        norm: LayerNormGradients(gamma: Vector(zeros: width), beta: Vector(zeros: width))))
    #expect(dense.array.map { $0 == 0 } == denseGradient.array.map { $0 == 0 })
  }
}
