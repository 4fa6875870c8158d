// The exchange of touched rows. A message is the rows' numbers, whose length tells how many values
// follow in the next.

import CMPIShim
import Kernels
import Memory

final class SparseExchange: Exchange {
  struct Round {
    /// Peers, and the rows of the table that each gets.
    let sends: [(peer: Int, rows: Range<Int>)]
    /// Who sends, by rank.
    let peers: [Int]
    /// The rows that this rank goes on with.
    let kept: Range<Int>
  }

  /// Memory that an exchange uses until it is done.
  struct Buffers {
    /// One for each peer of a round.
    let incoming: [SparseRowsBuffer]
    /// Two for merging, of which one is always free.
    var spares: [SparseRowsBuffer]
  }

  private enum Stage {
    case ids
    case values
  }

  private let queue: ExchangeQueue
  private let rounds: [Round]
  private let tag: Int32
  private var buffers: Buffers
  /// The sum so far.
  private(set) var rows: SparseRows
  private var idsArriving: [PendingRequests] = []
  private var others = PendingRequests()
  private var stage = Stage.ids
  private var next = 0
  private(set) var isDone = false

  init(
    queue: ExchangeQueue, rounds: [Round], tag: Int32, rows: SparseRows, buffers: Buffers
  ) {
    self.queue = queue
    self.rounds = rounds
    self.tag = tag
    self.rows = rows
    self.buffers = buffers
  }

  func advance() throws -> Bool {
    guard !isDone else { return false }
    var moved = false
    if stage == .ids {
      guard try haveIdsArrived() else { return false }
      try receiveValues()
      stage = .values
      moved = true
    }
    guard try others.poll() else { return moved }
    merge(rounds[next])
    next += 1
    try begin()
    return true
  }

  /// Posts all sends of the next round, and the receives of row numbers.
  func begin() throws {
    stage = .ids
    guard next < rounds.count else {
      isDone = true
      return
    }
    let communicator = queue.communicator
    let round = rounds[next]
    idsArriving = []
    for (index, peer) in round.peers.enumerated() {
      var request = PendingRequests()
      try communicator.receiveMessage(
        buffers.incoming[index].ids.pointer,
        capacity: round.kept.count * MemoryLayout<Int32>.stride,
        from: peer, tag: tag, adding: &request)
      idsArriving.append(request)
    }
    for (peer, range) in round.sends {
      let part = rows.rows(in: range)
      let idBytes = part.count * MemoryLayout<Int32>.stride
      let valueBytes = part.count * part.values.columns * MemoryLayout<Float>.stride
      try communicator.sendMessage(
        part.ids.pointer, byteCount: idBytes, to: peer, tag: tag, adding: &others)
      try communicator.send(
        part.values.pointer, byteCount: valueBytes, to: peer, tag: tag, adding: &others)
      queue.statistics.bytesSent += idBytes + valueBytes
    }
  }

  private func haveIdsArrived() throws -> Bool {
    for index in idsArriving.indices where !idsArriving[index].isEmpty {
      guard try idsArriving[index].poll() else { return false }
      buffers.incoming[index].count = idsArriving[index].lastCount / MemoryLayout<Int32>.stride
    }
    return true
  }

  private func receiveValues() throws {
    for (buffer, peer) in zip(buffers.incoming, rounds[next].peers) {
      let bytes = buffer.count * buffer.values.columns * MemoryLayout<Float>.stride
      try queue.communicator.receive(
        buffer.values.pointer, byteCount: bytes, from: peer, tag: tag, adding: &others)
      queue.statistics.bytesReceived += bytes + buffer.count * MemoryLayout<Int32>.stride
    }
  }

  /// Adds up what has arrived and this rank's own rows, in the order of ranks. The own rows lie in
  /// the last of the spares, where there are three, and may be added last.
  private func merge(_ round: Round) {
    let own = rows.rows(in: round.kept)
    var parts = zip(round.peers, buffers.incoming).map { (rank: $0, rows: $1.rows) }
    let place = parts.firstIndex { $0.rank > queue.communicator.rank } ?? parts.count
    parts.insert((queue.communicator.rank, own), at: place)
    rows = parts[0].rows
    for part in parts.dropFirst() {
      // The sum so far may lie in one of the first two; it goes to the other.
      buffers.spares[0].merge(rows, part.rows)
      rows = buffers.spares[0].rows
      buffers.spares.swapAt(0, 1)
    }
    if buffers.spares.count > 2 { buffers.spares.swapAt(1, 2) }
  }
}

extension Communicator {
  /// Begins to send one message, which may be empty.
  func sendMessage(
    _ bytes: UnsafeRawPointer, byteCount: Int, to peer: Int, tag: Int32,
    adding requests: inout PendingRequests
  ) throws {
    try requests.add("MPI_Isend") {
      cmpi_isend(bytes, Int32(byteCount), Int32(peer), tag, $0)
    }
  }

  /// Begins to receive one message of at most `capacity` bytes.
  func receiveMessage(
    _ bytes: UnsafeMutableRawPointer, capacity: Int, from peer: Int, tag: Int32,
    adding requests: inout PendingRequests
  ) throws {
    try requests.add("MPI_Irecv") {
      cmpi_irecv(bytes, Int32(capacity), Int32(peer), tag, $0)
    }
  }
}
