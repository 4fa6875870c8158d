// Exchanges that travel while this rank computes.

/// What the exchanges have cost.
public struct ExchangeStatistics: Equatable, Sendable {
  /// Seconds in which this rank did nothing but wait: the exposed communication.
  public internal(set) var waitSeconds = 0.0
  /// Seconds spent in `progress`, between kernels: copying, adding, starting further rounds.
  public internal(set) var progressSeconds = 0.0
  /// Bytes sent by this rank.
  public internal(set) var bytesSent = 0
  /// Bytes received by this rank.
  public internal(set) var bytesReceived = 0
}

/// An exchange that goes on a step whenever it is asked to.
protocol Exchange: AnyObject {
  /// Posts its first messages. Called once, by the queue.
  func begin() throws
  /// Goes as far as it can without waiting, and says whether it has done anything.
  func advance() throws -> Bool
  var isDone: Bool { get }
}

/// The exchanges under way. MPI moves data only while it is called, so compute code calls
/// `progress` between its kernels.
public final class ExchangeQueue {
  let communicator: Communicator
  /// What the exchanges have cost since this was last set.
  public var statistics = ExchangeStatistics()
  private var active: [any Exchange] = []
  /// Exchanges that are to begin in this order, as those before them end.
  private var waiting: [any Exchange] = []
  private var enqueued: [any Exchange] = []
  private let clock = ContinuousClock()

  /// An empty queue between the ranks of `communicator`.
  public init(communicator: Communicator) {
    self.communicator = communicator
  }

  /// Whether nothing is under way.
  public var isEmpty: Bool { active.isEmpty && waiting.isEmpty }

  /// Exchanges given to `enqueue` that are under way at the same time: while one fills the link,
  /// the next two agree with their peers.
  static var enqueuedLimit: Int { 3 }

  /// Begins an exchange at once.
  func start(_ exchange: any Exchange) throws {
    try exchange.begin()
    active.append(exchange)
    try progress()
  }

  /// Begins an exchange when all but a few of those enqueued before it are done, so that the first
  /// ones get the link first. All ranks must enqueue in the same order.
  func enqueue(_ exchange: any Exchange) throws {
    waiting.append(exchange)
    try admit()
    try progress()
  }

  private func admit() throws {
    while let next = waiting.first, enqueued.count < Self.enqueuedLimit {
      waiting.removeFirst()
      try next.begin()
      active.append(next)
      if !next.isDone { enqueued.append(next) }
    }
  }

  /// Moves on whatever can be moved without waiting. Costs nothing when nothing is under way.
  public func progress() throws {
    guard !active.isEmpty else { return }
    statistics.progressSeconds += try seconds { _ = try advance() }
  }

  /// Waits for everything that is under way.
  public func finish() throws {
    try wait(until: \.isEmpty)
  }

  /// Waits until `exchange` is done; the others move on meanwhile.
  func finish(_ exchange: any Exchange) throws {
    try wait { _ in exchange.isDone }
  }

  private func wait(until isOver: (ExchangeQueue) -> Bool) throws {
    guard !isOver(self) else { return }
    statistics.waitSeconds += try seconds {
      var backoff = Backoff()
      while true {
        let moved = try advance()
        if isOver(self) { break }
        if moved {
          backoff.reset()
        } else {
          try backoff.pause(attending: communicator.livenessProbe)
        }
      }
    }
  }

  private func advance() throws -> Bool {
    var moved = false
    var hasEnded = false
    for exchange in active {
      moved = try exchange.advance() || moved
      hasEnded = hasEnded || exchange.isDone
    }
    guard hasEnded else { return moved }
    active.removeAll(where: \.isDone)
    enqueued.removeAll(where: \.isDone)
    try admit()
    return moved
  }

  private func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = clock.now
    try body()
    return (clock.now - start) / .seconds(1)
  }
}
