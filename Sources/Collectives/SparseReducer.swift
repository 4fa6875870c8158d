// The sum of touched rows over microbatches and ranks, by the same tree as dense gradients.

import Kernels
import Memory

/// Sums a table's touched rows: over this rank's microbatches in slots, as `ReductionTree` says,
/// then over all ranks, without blocking. Only touched rows travel.
public final class SparseReducer {
  /// The table's bucket, which is divided at whole rows.
  public let bucket: Bucket
  private let queue: ExchangeQueue
  private let rowCount: Int
  private let tag: Int32
  private var slots: [SparseRowsBuffer]
  /// Two buffers for merging, of which one is always free, and a third for this rank's own rows if
  /// several ranks send at the same time.
  private var spares: [SparseRowsBuffer]
  private let incoming: [SparseRowsBuffer]
  private let rounds: [ExchangeRound]
  private var exchange: SparseExchange?

  /// A reducer of the table of `rowCount` rows that begins with `bucket`, which was made with the
  /// table's `rowLength`. `slotCount` is that of the `ReductionTree`; `index` tells several tables
  /// apart.
  public init(
    queue: ExchangeQueue, bucket: Bucket, rowCount: Int, slotCount: Int, index: Int = 0
  ) {
    precondition(rowCount * bucket.rowLength <= bucket.count, "the table exceeds its bucket")
    precondition(slotCount > 0 && index >= 0 && index < Tag.tableLimit)
    let (rank, ranks) = (queue.communicator.rank, queue.communicator.worldSize)
    func buffer() -> SparseRowsBuffer {
      SparseRowsBuffer(rows: rowCount, columns: bucket.rowLength)
    }
    self.queue = queue
    self.bucket = bucket
    self.rowCount = rowCount
    tag = Tag.sparse(index)
    slots = (0..<slotCount).map { _ in buffer() }
    rounds = ExchangePlan.reduction(of: bucket, rank: rank, ranks: ranks)
    let senders = rounds.map(\.receives.count).max() ?? 0
    incoming = (0..<senders).map { _ in buffer() }
    spares = (0..<(senders > 1 ? 3 : 2)).map { _ in buffer() }
  }

  /// The rows of the table that this rank sums and updates.
  public var shardRows: Range<Int> {
    rows(bucket.shard(ofRank: queue.communicator.rank, ranks: queue.communicator.worldSize))
  }

  /// The buffer of a slot, to be filled with a microbatch's rows.
  public func slot(_ index: Int) -> SparseRowsBuffer { slots[index] }

  /// Adds the slot above, `slot + 1`, to `slot`.
  public func add(above slot: Int) {
    spares[0].merge(slots[slot].rows, slots[slot + 1].rows)
    swap(&slots[slot], &spares[0])
  }

  /// Begins to sum slot 0 over all ranks. Until it is finished no slot must be touched.
  public func start() throws {
    let plan = rounds.map { round in
      SparseExchange.Round(
        sends: round.sends.map { ($0.peer, rows($0.range)) },
        peers: round.receives.map(\.peer), kept: rows(round.receives.first?.range ?? 0..<0))
    }
    let exchange = SparseExchange(
      queue: queue, rounds: plan, tag: tag, rows: slots[0].rows,
      buffers: SparseExchange.Buffers(incoming: incoming, spares: spares))
    self.exchange = exchange
    try queue.start(exchange)
  }

  /// Waits for the sum; the queue's other exchanges move on meanwhile. The result is this rank's
  /// part: the rows of `shardRows` that any microbatch touched. It is valid until slots are
  /// filled again.
  public func finish() throws -> SparseRows {
    guard let exchange else { return slots[0].rows }
    try queue.finish(exchange)
    return exchange.rows
  }

  private func rows(_ range: Range<Int>) -> Range<Int> { bucket.rows(range, of: rowCount) }
}
