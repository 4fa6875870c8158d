import Collectives
import Testing

/// The sum that a tree forms, as a text with all its brackets.
private func expression(_ tree: ReductionTree, _ items: [String]) -> String {
  var slots = [String](repeating: "", count: tree.slotCount)
  for operation in tree.operations {
    switch operation {
    case .compute(let index, let slot): slots[slot] = items[index]
    case .add(let slot): slots[slot] = "(\(slots[slot])+\(slots[slot + 1]))"
    }
  }
  return slots[0]
}

@Suite struct ReductionTreeTests {
  @Test(arguments: [
    (1, "0"), (2, "(0+1)"), (3, "((0+1)+2)"), (4, "((0+2)+(1+3))"),
    (6, "(((0+3)+(1+4))+(2+5))"), (9, "((((0+3)+6)+((1+4)+7))+((2+5)+8))"),
    (8, "(((0+4)+(2+6))+((1+5)+(3+7)))"),
  ])
  func theLargestFactorIsAddedLast(count: Int, wanted: String) {
    #expect(expression(ReductionTree(count: count), (0..<count).map(String.init)) == wanted)
  }

  @Test func everyAllowedNumberOfRanksFormsTheSameExpression() throws {
    for microbatches in 1...64 {
      let items = (0..<microbatches).map(String.init)
      let alone = expression(ReductionTree(count: microbatches), items)
      for ranks in ReductionFactors.rankCounts(microbatches: microbatches) {
        let tree = try ReductionTree(microbatches: microbatches, ranks: ranks)
        let sums = (0..<ranks).map { rank in
          expression(
            tree,
            ReductionTree.microbatches(microbatches, ofRank: rank, ranks: ranks).map { items[$0] })
        }
        // The ranks' sums are added as the items of a tree are.
        #expect(
          expression(ReductionTree(count: ranks), sums) == alone, "\(microbatches) on \(ranks)")
      }
    }
  }

  @Test(arguments: [
    (8, [1, 2, 4, 8]), (12, [1, 3, 6, 12]), (9, [1, 3, 9]), (30, [1, 5, 15, 30]),
  ])
  func allowedNumbersOfRanks(microbatches: Int, wanted: [Int]) {
    #expect(ReductionFactors.rankCounts(microbatches: microbatches) == wanted)
  }

  @Test func theMicrobatchesThatAreAdvisedCanBeShared() {
    for ranks in 1...100 {
      let advised = ReductionFactors.microbatches(atLeast: 8, ranks: ranks)
      #expect(advised >= 8)
      #expect(ReductionFactors.rankCounts(microbatches: advised).contains(ranks))
    }
  }

  @Test func theTreeNeedsFewSlotsAndEachMicrobatchOnce() {
    for count in 1...200 {
      let tree = ReductionTree(count: count)
      let logarithm = Int.bitWidth - (count - 1).leadingZeroBitCount
      #expect(tree.slotCount <= logarithm + 1, "\(count)")
      let computed = tree.operations.compactMap { operation -> Int? in
        guard case .compute(let index, _) = operation else { return nil }
        return index
      }
      #expect(computed.sorted() == Array(0..<count))
    }
  }

  @Test func indivisibleMicrobatchesAreATypedError() {
    #expect(throws: CollectiveError.indivisible(microbatches: 8, ranks: 3)) {
      try ReductionTree(microbatches: 8, ranks: 3)
    }
    #expect(throws: CollectiveError.indivisible(microbatches: 12, ranks: 4)) {
      try ReductionTree(microbatches: 12, ranks: 4)
    }
    #expect(throws: CollectiveError.indivisible(microbatches: 0, ranks: 2)) {
      try ReductionTree(microbatches: 0, ranks: 2)
    }
  }
}
