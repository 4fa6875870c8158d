// Who sends what to whom. The ranks' number is a product of factors, the largest first. In a round
// for a factor f, groups of f ranks that hold the same part divide it among themselves. The sums
// meet from the last factor to the first, with the ranks that are farthest apart, and the results
// spread the other way. For a power of two that is recursive halving and doubling.

/// One round of an exchange: all its messages travel at the same time.
struct ExchangeRound: Equatable {
  /// A message to or from another rank, as indices in the gradient vector.
  struct Message: Equatable {
    let peer: Int
    let range: Range<Int>
  }

  /// What this rank sends.
  var sends: [Message] = []
  /// What it receives, in the order of the peers' ranks.
  var receives: [Message] = []
}

enum ExchangePlan {
  /// The rounds after which `rank` holds the sum of its shard over all ranks.
  ///
  /// In each round the values received are for the part that the rank goes on with, and are added
  /// in the order of ranks, its own among them.
  static func reduction(of bucket: Bucket, rank: Int, ranks: Int) -> [ExchangeRound] {
    gathering(of: bucket, rank: rank, ranks: ranks).reversed().map(\.reversed)
  }

  /// The rounds after which every rank holds all shards, each from the rank that owns it.
  static func gathering(of bucket: Bucket, rank: Int, ranks: Int) -> [ExchangeRound] {
    var distance = 1
    return ReductionFactors.of(ranks).map { factor in
      defer { distance *= factor }
      return round(of: bucket, rank: rank, ranks: ranks, distance: distance, factor: factor)
    }
  }

  /// What `distance` neighboring ranks hold goes to the ranks at multiples of that distance, and
  /// theirs comes from them.
  private static func round(
    of bucket: Bucket, rank: Int, ranks: Int, distance: Int, factor: Int
  ) -> ExchangeRound {
    let whole = distance * factor
    let (first, mine) = (rank / whole * whole, rank % whole / distance)
    func shards(_ digit: Int) -> Range<Int> {
      let start = first + digit * distance
      return bucket.shards(start..<start + distance, ranks: ranks)
    }
    let others = (0..<factor).filter { $0 != mine }
    return ExchangeRound(
      sends: others.map { .init(peer: rank + ($0 - mine) * distance, range: shards(mine)) },
      receives: others.map { .init(peer: rank + ($0 - mine) * distance, range: shards($0)) })
  }
}

extension ExchangeRound {
  /// The same messages in the opposite direction.
  fileprivate var reversed: ExchangeRound { ExchangeRound(sends: receives, receives: sends) }
}
