import Data
import Testing

private let factors: [Double] = (0..<400).map { row in
  let base = 1 + Double(row % 7) * 0.31
  return row == 5 ? base + 3 : base
}

@Test func factorsAreThoseOfTheRarestLabel() throws {
  // a: 3 of 4 rows, b: 2, c: 1; the threshold is a share of 0.75.
  let directory = try TemporaryDirectory()
  let path = try directory.write("text,a,b,c\nx,1,1,0\ny,1,0,0\nz,1,1,1\nw,0,0,0\n", to: "d.csv")
  let data = try dataset(path)
  let factors = RepeatFactors(data, threshold: 0.75, seed: 1).factors
  let wanted: [Double] = [1.5, 1, 3, 1].map { $0.squareRoot() }
  for (factor, wanted) in zip(factors, wanted) { #expect(abs(factor - wanted) < 1e-12) }
  let none = RepeatFactors(data, threshold: 0.25, seed: 1)
  #expect(none.rows(epoch: 0) == [0, 1, 2, 3])
}

@Test func everyEpochTakesEachRowItsFactorRoundedUpOrDown() {
  let repeats = RepeatFactors(factors: factors, seed: 7)
  #expect(repeats.rowsPerEpoch == Int(factors.reduce(0, +).rounded()))
  var totals = [Int](repeating: 0, count: factors.count)
  let epochs = 500
  for epoch in 0..<epochs {
    var counts = [Int](repeating: 0, count: factors.count)
    for row in repeats.rows(epoch: epoch) { counts[row] += 1 }
    #expect(counts.reduce(0, +) == repeats.rowsPerEpoch)
    for (row, count) in counts.enumerated() {
      #expect(count == Int(factors[row]) || count == Int(factors[row].rounded(.up)), "row \(row)")
      totals[row] += count
    }
  }
  // A mean of 500 draws of 0 or 1 has a deviation of at most 0.023: five of them.
  for (row, total) in totals.enumerated() {
    #expect(abs(Double(total) / Double(epochs) - factors[row]) < 0.12, "row \(row)")
  }
}

@Test func repetitionsFollowFromSeedAndEpochAlone() {
  let repeats = RepeatFactors(factors: factors, seed: 7)
  #expect(repeats.rows(epoch: 3) == RepeatFactors(factors: factors, seed: 7).rows(epoch: 3))
  #expect(repeats.rows(epoch: 3) != repeats.rows(epoch: 4))
  #expect(repeats.rows(epoch: 3) != RepeatFactors(factors: factors, seed: 8).rows(epoch: 3))
}

@Test func aRowThatAStepTakesAgainHasAKeyOfItsOwn() throws {
  let directory = try TemporaryDirectory()
  let data = try dataset(try directory.write("text,a\nxyz,1\nuv,0\nw,1\n", to: "d.csv"))
  let plan = BatchPlan(
    rowLengths: data.rowLengths, batchSize: 6, microbatches: 2, seed: 1,
    epochRows: { _ in [0, 0, 0, 1, 2, 2] })
  let pieces = plan.step(epoch: 0, index: 0)
  #expect(pieces.joined().sorted() == [0, 1, 2, 3, 5, 6])
  let batches = pieces.map { Batch(data, rows: $0) }
  #expect(batches.flatMap(\.rows).sorted() == [0, 0, 0, 1, 2, 2])
  #expect(Set(batches.flatMap(\.keys)).count == 6)
  for batch in batches {
    for (place, row) in batch.rows.enumerated() {
      let tokens = batch.tokenIDs[batch.offsets[place]..<batch.offsets[place + 1]].array
      #expect(tokens == data.tokens(row)?.array)
      let labels = batch.labelOffsets[place]..<batch.labelOffsets[place + 1]
      #expect(Array(batch.labelIndices[labels]) == data.labelIndices(row))
    }
  }
}
