// The two halves of fetching rows: their numbers go one way, their values the other.

import CMPIShim
import Memory

/// Row numbers to their owners, and those of others to this rank.
final class EmbeddingRequests: Exchange {
  /// Another rank, and what it and this one want of each other.
  struct Peer {
    let rank: Int
    /// The numbers of its rows that this rank wants.
    let wanted: Vector<Int32>
    /// The numbers of this rank's rows that it wants: the first `askedCount` of this memory.
    let asked: Vector<Int32>
    var askedCount = 0

    /// - Parameter room: rows that may be asked for at most.
    init(rank: Int, wanted: Vector<Int32>, room: Int) {
      self.rank = rank
      self.wanted = wanted
      asked = Vector(zeros: room)
    }
  }

  private(set) var peers: [Peer]
  private let queue: ExchangeQueue
  private let tag: Int32
  private var sending = PendingRequests()
  private var arriving: [PendingRequests] = []
  private(set) var isDone = false

  init(queue: ExchangeQueue, peers: [Peer], tag: Int32) {
    self.queue = queue
    self.peers = peers
    self.tag = tag
  }

  func begin() throws {
    let size = MemoryLayout<Int32>.stride
    for peer in peers {
      var request = PendingRequests()
      try queue.communicator.receiveMessage(
        peer.asked.pointer, capacity: peer.asked.count * size, from: peer.rank, tag: tag,
        adding: &request)
      arriving.append(request)
    }
    for peer in peers {
      try queue.communicator.sendMessage(
        peer.wanted.pointer, byteCount: peer.wanted.count * size, to: peer.rank, tag: tag,
        adding: &sending)
      queue.statistics.bytesSent += peer.wanted.count * size
    }
    isDone = peers.isEmpty
  }

  func advance() throws -> Bool {
    guard !isDone else { return false }
    for index in peers.indices where !arriving[index].isEmpty {
      guard try arriving[index].poll() else { return false }
      peers[index].askedCount = arriving[index].lastCount / MemoryLayout<Int32>.stride
      queue.statistics.bytesReceived += arriving[index].lastCount
    }
    isDone = try sending.poll()
    return isDone
  }
}

/// The rows themselves, from table to table.
final class EmbeddingAnswers: Exchange {
  private let queue: ExchangeQueue
  private let table: Matrix<Float>
  private let peers: [EmbeddingRequests.Peer]
  private let tag: Int32
  private var messages = PendingRequests()
  private(set) var isDone = false

  init(queue: ExchangeQueue, table: Matrix<Float>, peers: [EmbeddingRequests.Peer], tag: Int32) {
    self.queue = queue
    self.table = table
    self.peers = peers
    self.tag = tag
  }

  func begin() throws {
    for peer in peers {
      queue.statistics.bytesReceived += try transfer(peer.wanted, with: peer.rank) {
        rows, count, bytes, request in
        cmpi_irecv_rows(table.pointer, rows, count, bytes, Int32(peer.rank), tag, request)
      }
    }
    for peer in peers {
      let asked = peer.asked[0..<peer.askedCount]
      queue.statistics.bytesSent += try transfer(asked, with: peer.rank) {
        rows, count, bytes, request in
        cmpi_isend_rows(table.pointer, rows, count, bytes, Int32(peer.rank), tag, request)
      }
    }
    isDone = messages.isEmpty
  }

  func advance() throws -> Bool {
    guard !isDone else { return false }
    isDone = try messages.poll()
    return isDone
  }

  /// Starts messages of as many rows as one can carry. Returns the bytes of all.
  private func transfer(
    _ rows: Vector<Int32>, with peer: Int,
    _ start: (UnsafePointer<Int32>, Int32, Int32, UnsafeMutablePointer<Int>) -> Int32
  ) throws -> Int {
    let rowBytes = table.columns * MemoryLayout<Float>.stride
    let limit = max(1, queue.communicator.messageByteCount(with: peer) / rowBytes)
    for first in stride(from: 0, to: rows.count, by: limit) {
      let count = min(limit, rows.count - first)
      try messages.add("exchange of rows") {
        start(rows.pointer + first, Int32(count), Int32(rowBytes), $0)
      }
    }
    return rows.count * rowBytes
  }
}
