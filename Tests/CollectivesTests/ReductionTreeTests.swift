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
    (6, "(((0+2)+4)+((1+3)+5))"), (8, "(((0+4)+(2+6))+((1+5)+(3+7)))"),
  ])
  func classesAreAddedBeforePairsAtHalvingDistances(count: Int, wanted: String) {
    #expect(expression(ReductionTree(count: count), (0..<count).map(String.init)) == wanted)
  }

  @Test func anyPowerOfTwoOfRanksFormsTheSameExpression() throws {
    for microbatches in 1...64 {
      let items = (0..<microbatches).map(String.init)
      let alone = expression(ReductionTree(count: microbatches), items)
      for ranks in [2, 4, 8, 16] where microbatches.isMultiple(of: ranks) {
        let tree = try ReductionTree(microbatches: microbatches, ranks: ranks)
        var sums = (0..<ranks).map { rank in
          expression(
            tree,
            ReductionTree.microbatches(microbatches, ofRank: rank, ranks: ranks).map { items[$0] })
        }
        while sums.count > 1 {
          let half = sums.count / 2
          sums = (0..<half).map { "(\(sums[$0])+\(sums[$0 + half]))" }
        }
        #expect(sums == [alone], "\(microbatches) on \(ranks)")
      }
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
    #expect(throws: CollectiveError.indivisible(microbatches: 0, ranks: 2)) {
      try ReductionTree(microbatches: 0, ranks: 2)
    }
  }
}
