// Reduce-scatter of gradients and all-gather of parameters, bucket by bucket, while the rank
// computes. docs/explanation/collectives.md: the tree, and how to overlap.

import Memory

/// Sums gradients over ranks and spreads updated parameters, without blocking.
///
/// A step: for each bucket, as soon as this rank's sum of it is complete, `startReduction`; between
/// kernels `progress`; `finish`; update `shard(of:)` of each bucket; `startGathering`, and `finish`
/// of a bucket before its parameters are read. Every rank must start the same exchanges; the order
/// of reductions may differ, that of gatherings must not.
public final class GradientReducer {
  /// The queue that carries the exchanges; share it with a `SparseReducer`.
  public let queue: ExchangeQueue
  /// The buckets, in the order of their indices.
  public let buckets: [Bucket]
  private let gradients: Vector<Float>
  private let reductions: [[ExchangeRound]]
  private let gatherings: [[ExchangeRound]]
  /// Receive buffers, one for each reduction that was ever under way at the same time, each large
  /// enough for any bucket.
  private var scratch: [Vector<Float>] = []
  private var underWay: [(exchange: DenseExchange, bucket: Int, scratch: Vector<Float>?)] = []

  /// A reducer of `gradients`, which holds all buckets.
  public init(queue: ExchangeQueue, gradients: Vector<Float>, buckets: [Bucket]) {
    precondition(buckets.allSatisfy { $0.range.upperBound <= gradients.count })
    precondition(buckets.count <= Tag.bucketLimit, "too many buckets")
    let (rank, ranks) = (queue.communicator.rank, queue.communicator.worldSize)
    self.queue = queue
    self.gradients = gradients
    self.buckets = buckets
    reductions = buckets.map { ExchangePlan.reduction(of: $0, rank: rank, ranks: ranks) }
    gatherings = buckets.map { ExchangePlan.gathering(of: $0, rank: rank, ranks: ranks) }
  }

  /// The part of a bucket that this rank sums and updates, as indices in the gradient vector.
  public func shard(of bucket: Int) -> Range<Int> {
    buckets[bucket].shard(
      ofRank: queue.communicator.rank, ranks: queue.communicator.worldSize)
  }

  /// Begins to sum a bucket's gradients over all ranks. Until it is finished the bucket's
  /// gradients must not be touched; afterwards the rank's shard holds the sum, the rest of the
  /// bucket partial sums of no use.
  public func startReduction(of bucket: Int) throws {
    let rounds = reductions[bucket]
    let buffer = rounds.isEmpty ? nil : takeScratch()
    let exchange = DenseExchange(
      queue: queue, values: gradients, rounds: rounds, arrival: .adds(scratch: buffer),
      tag: Tag.reduction(bucket))
    underWay.append((exchange, bucket, buffer))
    try queue.start(exchange)
    recycle()
  }

  /// Begins to spread the shards of a bucket of `parameters`, which lie as the gradients do, from
  /// their owners to all ranks. Gatherings travel in the order in which they are started, only a
  /// few at a time. Until it is finished the bucket's parameters must not be touched, but for
  /// reading the rank's own shard.
  public func startGathering(_ parameters: Vector<Float>, of bucket: Int) throws {
    precondition(parameters.count == gradients.count, "parameters must lie as the gradients do")
    let exchange = DenseExchange(
      queue: queue, values: parameters, rounds: gatherings[bucket], arrival: .replaces,
      tag: Tag.gathering(bucket))
    underWay.append((exchange, bucket, nil))
    try queue.enqueue(exchange)
    recycle()
  }

  /// Moves on whatever can be moved without waiting; cheap, to be called between kernels.
  public func progress() throws {
    try queue.progress()
    recycle()
  }

  /// Waits for all exchanges of the queue.
  public func finish() throws {
    try queue.finish()
    recycle()
  }

  /// Waits for what is under way for one bucket, so that work on it can begin while others travel.
  public func finish(_ bucket: Int) throws {
    for entry in underWay where entry.bucket == bucket { try queue.finish(entry.exchange) }
    recycle()
  }

  private func takeScratch() -> Vector<Float> {
    scratch.popLast()
      ?? Vector(zeros: reductions.map(DenseExchange.scratchCount).max() ?? 0)
  }

  private func recycle() {
    guard underWay.contains(where: \.exchange.isDone) else { return }
    scratch += underWay.compactMap { $0.exchange.isDone ? $0.scratch : nil }
    underWay.removeAll(where: \.exchange.isDone)
  }
}

/// Message tags: what a message belongs to. MPI promises tags up to 32,767.
enum Tag {
  static let bucketLimit = 8_192

  static func reduction(_ bucket: Int) -> Int32 { Int32(bucket) }
  static func gathering(_ bucket: Int) -> Int32 { Int32(bucketLimit + bucket) }
  static let tableLimit = 1_024

  static func sparse(_ index: Int) -> Int32 { Int32(2 * bucketLimit + index) }
  static func rowRequest(_ index: Int) -> Int32 { Int32(2 * bucketLimit + tableLimit + index) }
  static func rows(_ index: Int) -> Int32 { Int32(2 * bucketLimit + 2 * tableLimit + index) }
  static let allToAll: Int32 = 32_765
  /// The liveness probe's.
  static let question: Int32 = 32_766
  static let answer: Int32 = 32_767
}
