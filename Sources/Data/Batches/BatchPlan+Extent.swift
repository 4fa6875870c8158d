/// The largest sizes that meet one rank, for planning its memory.
public struct PlanExtent: Equatable, Sendable {
  /// Tokens of the largest microbatch.
  public var tokens = 0
  /// Rows of the microbatch with the most rows.
  public var rows = 0
  /// Tokens of all of the rank's microbatches of a step.
  public var tokensOfStep = 0
  /// Tokens of the longest row.
  public var rowLength = 0

  /// Nothing.
  public init() {}
}

extension BatchPlan {
  /// The largest sizes that `rank` of `worldSize` meets in the first `overEpochs` epochs, found by
  /// going through the plan: exact, at the price of making every step.
  public func extent(ofRank rank: Int, worldSize: Int, overEpochs epochs: Int) -> PlanExtent {
    var extent = PlanExtent()
    for epoch in 0..<epochs {
      for index in 0..<stepsPerEpoch {
        let pieces = step(epoch: epoch, index: index)
        var tokensOfStep = 0
        for piece in stride(from: rank, to: pieces.count, by: worldSize) {
          let lengths = pieces[piece].map { rowLengths[$0 % rowLengths.count] }
          let tokens = lengths.reduce(0, +)
          tokensOfStep += tokens
          extent.tokens = max(extent.tokens, tokens)
          extent.rows = max(extent.rows, lengths.count)
          extent.rowLength = max(extent.rowLength, lengths.max() ?? 0)
        }
        extent.tokensOfStep = max(extent.tokensOfStep, tokensOfStep)
      }
    }
    return extent
  }

  /// A number of tokens that no microbatch of any step of any epoch exceeds, found without making
  /// the steps.
  ///
  /// The piece that ends fullest took its last row of ℓ tokens when it was the emptiest, so it has
  /// at most (S − ℓ)/M + ℓ tokens, where S ≤ the sum of the step's longest possible rows.
  public var tokenBound: Int {
    let sorted = rowLengths.sorted(by: >)
    // Where a row may come several times, all rows of a step may be the longest one.
    let longest =
      epochRows == nil
      ? sorted.prefix(batchSize)
      : ArraySlice(Array(repeating: sorted.first ?? 0, count: batchSize))
    guard let first = longest.first else { return 0 }
    return (longest.reduce(0, +) - first) / microbatches + first
  }
}

/// Cuts rows, in their order, into chunks of at most `tokenBudget` tokens and one row at least.
/// The chunks depend on the lengths alone; rank r of P evaluates those with c mod P == r.
public func evaluationChunks(rowLengths: [Int], tokenBudget: Int) -> [Range<Int>] {
  var chunks: [Range<Int>] = []
  var (start, tokens) = (0, 0)
  for (row, length) in rowLengths.enumerated() {
    if row > start, tokens + length > tokenBudget {
      chunks.append(start..<row)
      (start, tokens) = (row, 0)
    }
    tokens += length
  }
  if start < rowLengths.count { chunks.append(start..<rowLengths.count) }
  return chunks
}
