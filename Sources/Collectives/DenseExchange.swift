// The exchange of a bucket of values, adding or copying what arrives.

import Kernels
import Memory

final class DenseExchange: Exchange {
  enum Arrival {
    /// What arrives is the others' summands for this rank's part. The memory holds
    /// `scratchCount(rounds)` values and is used until the exchange is done; nil if there are none.
    case adds(scratch: Vector<Float>?)
    /// What arrives is written in its place.
    case replaces
  }

  private let queue: ExchangeQueue
  private let values: Vector<Float>
  private let rounds: [ExchangeRound]
  private let tag: Int32
  /// What arrives is added from; nil if it is written in its place.
  private let scratch: Vector<Float>?
  private let rank: Int
  private var requests = PendingRequests()
  private var next = 0
  private(set) var isDone = false

  init(
    queue: ExchangeQueue, values: Vector<Float>, rounds: [ExchangeRound], arrival: Arrival,
    tag: Int32
  ) {
    self.queue = queue
    self.values = values
    self.rounds = rounds
    self.tag = tag
    scratch = if case .adds(let scratch) = arrival { scratch } else { nil }
    rank = queue.communicator.rank
  }

  /// Values that a reduction by `rounds` receives in one round at most.
  static func scratchCount(_ rounds: [ExchangeRound]) -> Int {
    rounds.map { $0.receives.reduce(0) { $0 + $1.range.count } }.max() ?? 0
  }

  func advance() throws -> Bool {
    guard !isDone, try requests.poll() else { return false }
    add(rounds[next])
    next += 1
    try begin()
    return true
  }

  /// Posts the messages of the next round.
  func begin() throws {
    guard next < rounds.count else {
      isDone = true
      return
    }
    let communicator = queue.communicator
    var received = 0
    for message in rounds[next].receives {
      let bytes = message.range.count * MemoryLayout<Float>.stride
      try communicator.receive(
        destination(of: message, after: received), byteCount: bytes, from: message.peer, tag: tag,
        adding: &requests)
      received += message.range.count
      queue.statistics.bytesReceived += bytes
    }
    for message in rounds[next].sends {
      let bytes = message.range.count * MemoryLayout<Float>.stride
      try communicator.send(
        values.pointer + message.range.lowerBound, byteCount: bytes, to: message.peer, tag: tag,
        adding: &requests)
      queue.statistics.bytesSent += bytes
    }
  }

  private func destination(
    of message: ExchangeRound.Message, after received: Int
  ) -> UnsafeMutablePointer<Float> {
    guard let scratch else { return values.pointer + message.range.lowerBound }
    precondition(received + message.range.count <= scratch.count, "scratch memory too small")
    return scratch.pointer + received
  }

  /// Adds what the round has brought, in the order of ranks: the ranks below into the first of
  /// them, that to this rank's values, then the ranks above.
  private func add(_ round: ExchangeRound) {
    guard let scratch, let range = round.receives.first?.range else { return }
    let count = range.count
    let mine = values.pointer + range.lowerBound
    var below: UnsafeMutablePointer<Float>?
    var source = scratch.pointer
    var isPastMine = false
    for message in round.receives {
      if message.peer > rank, !isPastMine {
        isPastMine = true
        if let below { addValues(of: below, to: mine, count: count) }
      }
      if isPastMine {
        addValues(of: source, to: mine, count: count)
      } else if let below {
        addValues(of: source, to: below, count: count)
      } else {
        below = source
      }
      source += count
    }
    if let below, !isPastMine { addValues(of: below, to: mine, count: count) }
  }
}
