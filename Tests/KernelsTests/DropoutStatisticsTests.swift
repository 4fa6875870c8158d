import Kernels
import Memory
import Testing

/// Whether masks look like independent coin tosses. All seeds are fixed: a test that passes once
/// passes always; the bounds of five deviations say that the fixed seeds are not lucky ones.
struct DropoutStatisticsTests {
  private static let count = 1 << 18

  /// Kept or not, for 512 tokens of 512 values.
  private func kept(
    _ probability: Double = 0.1, seed: UInt64 = 42, step: Int = 0, place: Int = 0, row: UInt32 = 0
  ) -> [Bool] {
    let rows = RaggedRows(offsets: [0, 512], keys: [row])
    let values = Matrix([Float](repeating: 1, count: Self.count), rows: 512, columns: 512)
    let dropout = Dropout(probability: probability, seed: seed, step: step, place: place)
    applyDropout(dropout, to: values, rows: rows)
    return values.array.map { $0 != 0 }
  }

  /// How many standard deviations `a` and `b` agree more often than independent masks would.
  private func agreement(_ a: ArraySlice<Bool>, _ b: ArraySlice<Bool>, _ probability: Double)
    -> Double
  {
    let agreeing = zip(a, b).count { $0 == $1 }
    let expected = probability * probability + (1 - probability) * (1 - probability)
    let count = Double(min(a.count, b.count))
    return (Double(agreeing) - count * expected) / (count * expected * (1 - expected)).squareRoot()
  }

  @Test(arguments: [0.05, 0.1, 0.3, 0.5, 0.9])
  func theShareOfKeptValuesIsRight(probability: Double) {
    let share = Double(kept(probability).count { $0 }) / Double(Self.count)
    let deviation = (probability * (1 - probability) / Double(Self.count)).squareRoot()
    // 1/131,072 is the rounding of the probability.
    #expect(abs(share - (1 - probability)) < 5 * deviation + 1.0 / 131_072)
  }

  @Test(arguments: [0.1, 0.5])
  func masksOfOtherSeedsStepsPlacesAndRowsAreIndependent(probability: Double) {
    let base = kept(probability)
    let others: [(String, [Bool])] = [
      ("seed", kept(probability, seed: 43)),
      ("high word of seed", kept(probability, seed: 42 + 1 << 32)),
      ("step", kept(probability, step: 1)), ("place", kept(probability, place: 1)),
      ("row", kept(probability, row: 1)), ("far row", kept(probability, row: 0x8000_0000)),
      ("far step", kept(probability, step: 1_000_000)),
    ]
    for (name, other) in others {
      #expect(abs(agreement(base[...], other[...], probability)) < 5, "\(name)")
    }
    for (index, a) in others.enumerated() {
      for b in others[..<index] {
        #expect(abs(agreement(a.1[...], b.1[...], probability)) < 5, "\(a.0) and \(b.0)")
      }
    }
  }

  @Test(arguments: [1, 2, 16, 17, 32, 64, 128, 256, 512, 4_096])
  func neighborsAreIndependent(distance: Int) {
    let mask = kept(0.5)
    #expect(abs(agreement(mask[...], mask[distance...], 0.5)) < 5)
  }

  @Test func everyColumnAndEveryTokenKeepsItsShare() {
    let mask = kept(0.5)
    for index in 0..<512 {
      let token = mask[index * 512..<(index + 1) * 512].count { $0 }
      let column = stride(from: index, to: Self.count, by: 512).count { mask[$0] }
      // 256 ± 11.3; six deviations, because there are a thousand of them.
      #expect(abs(token - 256) < 68 && abs(column - 256) < 68, "\(index)")
    }
  }
}
