import Kernels
import Testing

/// Philox against its published vectors.
struct RandomTests {
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
}
