// Who sends what to whom. With P a power of two the sums meet by recursive halving, farthest
// partner first, and the results spread by recursive doubling, nearest partner first; otherwise
// every rank writes to every other one directly.

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
    guard isPowerOfTwo(ranks) else { return [direct(bucket, rank: rank, ranks: ranks).reversed] }
    return distances(ranks).reversed().map { distance in
      let groups = halves(rank: rank, distance: distance)
      return round(
        with: rank ^ distance, sending: bucket.shards(groups.theirs, ranks: ranks),
        receiving: bucket.shards(groups.mine, ranks: ranks))
    }
  }

  /// The rounds after which every rank holds all shards, each from the rank that owns it.
  static func gathering(of bucket: Bucket, rank: Int, ranks: Int) -> [ExchangeRound] {
    guard isPowerOfTwo(ranks) else { return [direct(bucket, rank: rank, ranks: ranks)] }
    return distances(ranks).map { distance in
      let groups = halves(rank: rank, distance: distance)
      return round(
        with: rank ^ distance, sending: bucket.shards(groups.mine, ranks: ranks),
        receiving: bucket.shards(groups.theirs, ranks: ranks))
    }
  }

  /// 1, 2, 4, … below `ranks`.
  private static func distances(_ ranks: Int) -> [Int] {
    Array(sequence(first: 1) { 2 * $0 }.prefix { $0 < ranks })
  }

  /// The `distance` neighboring ranks that `rank` is one of, and those at this distance from them.
  private static func halves(rank: Int, distance: Int) -> (mine: Range<Int>, theirs: Range<Int>) {
    let mine = rank & ~(distance - 1)
    let theirs = mine ^ distance
    return (mine..<mine + distance, theirs..<theirs + distance)
  }

  private static func round(
    with peer: Int, sending: Range<Int>, receiving: Range<Int>
  ) -> ExchangeRound {
    ExchangeRound(
      sends: [.init(peer: peer, range: sending)], receives: [.init(peer: peer, range: receiving)])
  }

  /// This rank's shard to all others, and theirs from them.
  private static func direct(_ bucket: Bucket, rank: Int, ranks: Int) -> ExchangeRound {
    let peers = (0..<ranks).filter { $0 != rank }
    let mine = bucket.shard(ofRank: rank, ranks: ranks)
    return ExchangeRound(
      sends: peers.map { .init(peer: $0, range: mine) },
      receives: peers.map { .init(peer: $0, range: bucket.shard(ofRank: $0, ranks: ranks)) })
  }

  static func isPowerOfTwo(_ number: Int) -> Bool { number & (number - 1) == 0 }
}

extension ExchangeRound {
  /// The same messages in the opposite direction.
  fileprivate var reversed: ExchangeRound { ExchangeRound(sends: receives, receives: sends) }
}
