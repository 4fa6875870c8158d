// Rows of a table from the ranks that own them: only those that a rank is about to read.

import Kernels
import Memory

/// Brings this rank the rows of a table that it asks for, and others the rows that they ask of this
/// one, without blocking.
///
/// Every rank owns the rows of its shard and updates them in each step. It asks early for what it
/// will read next, while the present step still computes; once its own rows are updated it answers
/// the others: `ask`, `answer`, `finish`, on all ranks. Other rows than its own and those asked for
/// are out of date on it.
public final class SparseEmbeddingFetch {
  /// The table's bucket, which is divided at whole rows.
  public let bucket: Bucket
  /// Rows of the table.
  public let rowCount: Int
  private let queue: ExchangeQueue
  private let tags: (request: Int32, rows: Int32)
  private let owners: [(rank: Int, rows: Range<Int>)]
  private var requests: EmbeddingRequests?
  private var answers: EmbeddingAnswers?

  /// For the table of `rowCount` rows that begins with `bucket`, which was made with the table's
  /// `rowLength`. `index` tells several tables apart.
  public init(queue: ExchangeQueue, bucket: Bucket, rowCount: Int, index: Int = 0) {
    precondition(rowCount * bucket.rowLength <= bucket.count, "the table exceeds its bucket")
    precondition(index >= 0 && index < Tag.tableLimit)
    self.queue = queue
    self.bucket = bucket
    self.rowCount = rowCount
    tags = (Tag.rowRequest(index), Tag.rows(index))
    let ranks = queue.communicator.worldSize
    owners = (0..<ranks).map { rank in
      (rank, bucket.rows(bucket.shard(ofRank: rank, ranks: ranks), of: rowCount))
    }
  }

  /// The rows that this rank owns.
  public var ownRows: Range<Int> { owners[queue.communicator.rank].rows }

  /// Begins to ask for rows, ascending and each once. Those that the rank owns need not
  /// be asked for.
  public func ask(for rows: [Int32]) throws {
    precondition(requests == nil, "rows are asked for twice")
    precondition(zip(rows, rows.dropFirst()).allSatisfy { $0 < $1 }, "rows must ascend")
    let mine = queue.communicator.rank
    let peers = owners.filter { $0.rank != mine }.map { rank, range in
      let wanted = rows.filter { range.contains(Int($0)) }
      return EmbeddingRequests.Peer(rank: rank, wanted: Vector(wanted), room: ownRows.count)
    }
    let requests = EmbeddingRequests(queue: queue, peers: peers, tag: tags.request)
    self.requests = requests
    try queue.start(requests)
  }

  /// Begins to send what was asked of this rank, whose own rows of `parameters` are up to date, and
  /// to receive what it has asked for. Until `finish` none of these rows must be written.
  public func answer(from parameters: Vector<Float>) throws {
    guard let requests else { preconditionFailure("no rows have been asked for") }
    self.requests = nil
    // Asked while the step began, so there is a wait only if a rank is far behind.
    try queue.finish(requests)
    let table = parameters[bucket.offset..<bucket.offset + rowCount * bucket.rowLength]
    let answers = EmbeddingAnswers(
      queue: queue, table: table.matrix(rowCount, bucket.rowLength), peers: requests.peers,
      tag: tags.rows)
    self.answers = answers
    try queue.start(answers)
  }

  /// Waits until the rows asked for have come; the queue's other exchanges move on meanwhile.
  public func finish() throws {
    guard let answers else { return }
    try queue.finish(answers)
    self.answers = nil
  }
}

extension Bucket {
  /// The whole rows of the bucket's table of `rowCount` rows that lie in `range` of
  /// the gradient vector.
  func rows(_ range: Range<Int>, of rowCount: Int) -> Range<Int> {
    let begin = min((range.lowerBound - offset) / rowLength, rowCount)
    return begin..<max(begin, min((range.upperBound - offset) / rowLength, rowCount))
  }
}
