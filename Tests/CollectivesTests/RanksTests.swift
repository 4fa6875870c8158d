import Testing

// Serialized: every test fills the machine with ranks.
@Suite(.serialized) struct RanksTests {
  @Test(arguments: ["dense", "sparse"], [(16, [1, 2, 4, 8]), (24, [1, 3, 6, 12])])
  func everyAllowedNumberOfRanksGivesTheSameBits(check: String, shared: (Int, [Int])) throws {
    let (microbatches, counts) = shared
    let alone = try run(ranks: 0, check, "\(microbatches)")
    #expect(alone.exitCode == 0 && alone.lines.count == 2, "\(alone.output)")
    for ranks in counts {
      let together = try run(ranks: ranks, check, "\(microbatches)")
      #expect(together.exitCode == 0)
      #expect(together.lines == alone.lines, "\(microbatches) on \(ranks) ranks")
    }
  }

  @Test(arguments: ["dense", "sparse"], [2, 3])
  func longMessagesTravelInPiecesWithTheSameBits(check: String, ranks: Int) throws {
    let microbatches = "\(8 * ranks)"
    let whole = try run(ranks: ranks, check, microbatches)
    let pieces = try run(ranks: ranks, check, microbatches, environment: ["CHECK_PIECE": "1000"])
    #expect(whole.exitCode == 0, "\(whole.output)")
    #expect(pieces.exitCode == 0, "\(pieces.output)")
    #expect(pieces.lines == whole.lines)
  }

  @Test(arguments: [0, 1, 2, 3, 8])
  func fetchedRowsAreThoseOfTheLastUpdate(ranks: Int) throws {
    let result = try run(ranks: ranks, "fetch")
    #expect(result.lines == ["ok \(max(ranks, 1))"])
    #expect(result.exitCode == 0)
  }

  @Test func fetchingInPiecesLosesNothing() throws {
    let result = try run(ranks: 3, "fetch", environment: ["CHECK_PIECE": "200"])
    #expect(result.lines == ["ok 3"])
  }

  @Test(arguments: [0, 1, 2, 3, 4, 8])
  func broadcastGatherAndSumTakeAnyLength(ranks: Int) throws {
    let result = try run(ranks: ranks, "messages")
    #expect(result.exitCode == 0)
    #expect(result.lines == ["ok \(max(ranks, 1))"])
  }

  @Test func gatheringInPiecesLosesNothing() throws {
    let result = try run(ranks: 3, "messages", environment: ["CHECK_PIECE": "1000"])
    #expect(result.lines == ["ok 3"])
  }

  @Test(arguments: [0, 1, 2, 3, 4])
  func everyRankGetsWhatEveryOtherHasForIt(ranks: Int) throws {
    let result = try run(ranks: ranks, "parts")
    #expect(result.lines == ["ok \(max(ranks, 1))"])
    #expect(result.exitCode == 0)
  }

  @Test(arguments: [2, 3], ["8", "1000"])
  func partsInPiecesLoseNothing(ranks: Int, pieceByteCount: String) throws {
    let result = try run(ranks: ranks, "parts", environment: ["CHECK_PIECE": pieceByteCount])
    #expect(result.lines == ["ok \(ranks)"])
  }

  @Test func theFailureOfTheLowestRankIsPrintedOnce() throws {
    let result = try run(ranks: 4, "agree", "1", "3")
    #expect(result.lines == ["error: rank 1: line 1 is bad"])
    #expect(result.exitCode == 65)
  }

  @Test func aFailureOfAllRanksNamesNone() throws {
    let result = try run(ranks: 4, "agree", "-1")
    #expect(result.lines == ["error: no such file"])
    #expect(result.exitCode == 65)
  }

  @Test func agreementWithoutFailureGoesOn() throws {
    #expect(try run(ranks: 3, "agree").lines == ["all well"])
  }

  @Test func anAbortEndsTheRanksThatWait() throws {
    let result = try run(ranks: 4, "abort", "2")
    #expect(result.lines == ["rank 2: broken"])
    #expect(result.exitCode == 76)
  }

  @Test func aRankThatEndsEarlyEndsTheOthers() throws {
    let result = try run(ranks: 4, "exit", "1")
    #expect(result.exitCode == 3)
  }

  @Test func ranksThatDoNotDivideTheMicrobatchesAreRefused() throws {
    let result = try run(ranks: 4, "dense", "6")
    #expect(result.exitCode == 1)
    #expect(result.output.contains("4 ranks cannot share 6 microbatches; start 1, 3 or 6 ranks"))
  }
}
