import Data
import Testing

/// Lengths as texts have them: many short rows, a few at the limit.
private let lengths = (0..<1003).map { 3 + ($0 * 7919) % 97 + ($0 % 11 == 0 ? 156 : 0) }

private func plan(
  lengths: [Int] = lengths, batchSize: Int = 64, microbatches: Int = 8, seed: UInt64 = 42
) -> BatchPlan {
  BatchPlan(
    rowLengths: lengths, batchSize: batchSize, microbatches: microbatches, seed: seed)
}

@Test func everyRowIsTakenOnceAnEpoch() {
  let plan = plan()
  #expect(plan.stepsPerEpoch == 16)
  for epoch in [0, 1, 7] {
    let steps = (0..<plan.stepsPerEpoch).map { plan.step(epoch: epoch, index: $0) }
    #expect(steps.allSatisfy { $0.count == 8 })
    #expect(steps.flatMap { $0.flatMap(\.self) }.sorted() == Array(0..<1003))
    #expect(steps.map { $0.joined().count } == Array(repeating: 64, count: 15) + [43])
  }
}

@Test func piecesDifferByNoMoreThanTheLongestRow() {
  let plan = plan()
  for index in 0..<plan.stepsPerEpoch {
    let pieces = plan.step(epoch: 0, index: index)
    let loads = pieces.map { $0.reduce(0) { $0 + lengths[$1] } }
    let longest = pieces.joined().map { lengths[$0] }.max() ?? 0
    #expect((loads.max() ?? 0) - (loads.min() ?? 0) <= longest)
    #expect((loads.max() ?? 0) <= plan.tokenBound)
  }
}

@Test func aPieceKeepsTheOrderOfTheEpoch() {
  let plan = plan()
  let order = plan.order(epoch: 3)
  let step = Array(order[64..<128])
  for piece in plan.step(epoch: 3, index: 1) {
    #expect(step.filter(piece.contains) == piece)
  }
}

@Test func fewerRowsThanPiecesLeaveEmptyPieces() {
  let pieces = plan(lengths: [5, 9, 7], microbatches: 8).step(epoch: 0, index: 0)
  #expect(pieces == [[1], [2], [0], [], [], [], [], []])
}

@Test func thePlanFollowsFromSeedAndEpochAlone() {
  let small = plan(lengths: Array(repeating: 4, count: 12), batchSize: 12, microbatches: 1)
  // Golden, and found by a second program in Python: a change of these values changes the
  // results of every run.
  #expect(small.order(epoch: 0) == [7, 9, 10, 0, 4, 8, 3, 1, 5, 2, 6, 11])
  #expect(small.order(epoch: 1) == [0, 5, 8, 6, 11, 10, 4, 7, 1, 9, 2, 3])
  #expect(small.order(epoch: 0) == plan(lengths: Array(repeating: 9, count: 12)).order(epoch: 0))
  #expect(plan(seed: 1).order(epoch: 0) != plan(seed: 2).order(epoch: 0))
  // Asked out of turn, as after a resume.
  let resumed = plan()
  #expect(resumed.step(epoch: 5, index: 9) == plan().step(epoch: 5, index: 9))
}

@Test func shufflesAreEvenlySpread() {
  let plan = plan(lengths: Array(repeating: 1, count: 6), batchSize: 6, microbatches: 1)
  var counts = [[Int]](repeating: Array(repeating: 0, count: 6), count: 6)
  for epoch in 0..<6000 {
    for (place, row) in plan.order(epoch: epoch).enumerated() { counts[place][row] += 1 }
  }
  // Each count is binomial with mean 1000 and deviation 29: five deviations.
  #expect(counts.joined().allSatisfy { abs($0 - 1000) < 145 })
}

@Test func anEpochMayTakeRowsSeveralTimes() {
  let plan = BatchPlan(
    rowLengths: [3, 4, 5], batchSize: 4, microbatches: 2, seed: 1,
    epochRows: { $0 % 2 == 0 ? [0, 1, 1, 1, 2] : [0, 0, 0, 1, 2] })
  #expect(plan.stepsPerEpoch == 2)
  #expect(plan.order(epoch: 2).sorted() == [0, 1, 1, 1, 2])
  #expect(plan.order(epoch: 3).sorted() == [0, 0, 0, 1, 2])
}

@Test func theExtentIsTheLargestThatARankMeets() {
  let plan = plan()
  let pieces = (0..<2).flatMap { epoch in
    (0..<plan.stepsPerEpoch).flatMap { plan.step(epoch: epoch, index: $0).enumerated() }
  }
  for rank in 0..<4 {
    let mine = pieces.filter { $0.offset % 4 == rank }.map { $0.element.map { lengths[$0] } }
    let extent = plan.extent(ofRank: rank, worldSize: 4, overEpochs: 2)
    #expect(extent.tokens == mine.map { $0.reduce(0, +) }.max())
    #expect(extent.rows == mine.map(\.count).max())
    #expect(extent.tokens <= plan.tokenBound)
  }
}

@Test func chunksKeepTheBudgetOrHoldOneRow() {
  let chunks = evaluationChunks(rowLengths: [5, 5, 5, 30, 2, 9, 0, 0], tokenBudget: 10)
  #expect(chunks == [0..<2, 2..<3, 3..<4, 4..<5, 5..<8])
  #expect(evaluationChunks(rowLengths: [], tokenBudget: 10) == [])
}
