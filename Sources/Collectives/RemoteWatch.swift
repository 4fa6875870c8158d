// What a thread does that watches the connections to the ranks of other machines.

import Foundation

/// The watch of rank 0 over the ranks of other machines, or of one of these over rank 0.
final class RemoteWatch: @unchecked Sendable {
  /// What ranks tell each other, a byte.
  enum Note: UInt8 {
    /// The run ends, and no death is to be reported any more.
    case silence = 1
    /// A rank has died, which was reported: end.
    case end = 2
    /// Rank 0 knows the other's token, and is answered so. Before that a connection that ends means
    /// nothing: it may lead to some other program, or be given up by the rank that asked for it.
    case greeting = 3
  }

  private let members: [Member]
  private let me: Int
  private let notice: DeathNotice
  private let token: UInt64
  private let lock = NSLock()
  /// By rank; guarded by `lock`, as all that follows.
  private var connections: [Int: WatchSocket] = [:]
  private var greeted: Set<Int> = []
  private var isSilent = false
  private var termination: ContinuousClock.Instant?

  init(_ members: [Member], me: Int, _ notice: DeathNotice, token: UInt64) {
    (self.members, self.me, self.notice, self.token) = (members, me, notice, token)
  }

  /// Whether this rank's death would be seen by rank 0, which is another.
  var isWatchedByRoot: Bool { me != 0 && lock.withLock { !connections.isEmpty } }

  /// A launcher that ends a run sends SIGTERM, and kills what is left a second later.
  func noteTermination() { lock.withLock { termination = termination ?? .now } }

  /// From now on no death is reported here; the others are told why.
  func tell(_ note: Note) {
    let others = lock.withLock {
      defer { isSilent = true }
      return isSilent ? [] : Array(connections.values)
    }
    for other in others { other.send([note.rawValue]) }
  }

  /// Rank 0: awaits the others.
  func run(listening: WatchSocket) {
    while true {
      let (ranks, sockets) = watched()
      let ready = readable([listening] + sockets, within: -1)
      if ready[0] { admit(listening.accepted()) }
      conclude(dead(among: zip(ranks, sockets), ready.dropFirst()))
    }
  }

  /// Any other rank: watches the first of these connections at whose other end rank 0 is.
  func run(connectedTo candidates: some Sequence<WatchSocket>) {
    guard let root = candidates.first(where: isGreeted) else { return }
    lock.withLock {
      connections[0] = root
      greeted = [0]
    }
    root.send([Note.greeting.rawValue])
    while lock.withLock({ !connections.isEmpty }) {
      let (ranks, sockets) = watched()
      conclude(dead(among: zip(ranks, sockets), readable(sockets, within: -1)[...]))
    }
  }

  private func watched() -> (ranks: [Int], sockets: [WatchSocket]) {
    let pairs = lock.withLock { connections.sorted { $0.key < $1.key } }
    return (pairs.map(\.key), pairs.map(\.value))
  }

  /// Says who this rank is, and whether rank 0 answers.
  private func isGreeted(_ candidate: WatchSocket) -> Bool {
    candidate.send(bytes(of: token) + bytes(of: Int32(me)))
    candidate.limitReceiving(seconds: 10)
    return candidate.receive(atMost: 1) == [Note.greeting.rawValue]
  }

  /// Whoever knows the token is a rank; it has a moment to say which.
  private func admit(_ socket: WatchSocket?) {
    socket?.limitReceiving(seconds: 2)
    guard let socket, let hello = socket.receive(atMost: 12), hello.count == 12,
      value(of: hello[..<8]) == token
    else { return }
    let rank = Int(value(of: hello[8...]) as Int32)
    guard members.indices.contains(rank) else { return }
    lock.withLock { connections[rank] = socket }
    socket.send([Note.greeting.rawValue])
  }

  /// Reads what has come; returns the ranks whose process is gone.
  private func dead(
    among pairs: Zip2Sequence<[Int], [WatchSocket]>, _ ready: ArraySlice<Bool>
  ) -> [Int] {
    var dead: [Int] = []
    for ((rank, socket), isReady) in zip(pairs, ready) where isReady {
      let notes = socket.receive(atMost: 64)
      for note in (notes ?? []).compactMap(Note.init) {
        switch note {
        case .silence: tell(.silence)
        case .end: _exit(statusOfKilled)
        case .greeting: lock.withLock { _ = greeted.insert(rank) }
        }
      }
      guard notes?.isEmpty ?? true else { continue }
      let wasGreeted = lock.withLock {
        connections[rank] = nil
        return greeted.contains(rank)
      }
      if notes != nil, wasGreeted { dead.append(rank) }
    }
    return dead
  }

  /// Says who has died, once for all ranks, and ends this one: what waits for a dead rank waits for
  /// ever.
  private func conclude(_ dead: [Int]) {
    guard !dead.isEmpty else { return }
    var dead = dead
    // A machine that is switched off takes all its ranks at once.
    usleep(200_000)
    let (ranks, sockets) = watched()
    dead += self.dead(among: zip(ranks, sockets), readable(sockets, within: 0)[...])
    let (isSaid, isEnding) = lock.withLock {
      defer { isSilent = true }
      return (isSilent, termination.map { $0.duration(to: .now) > .milliseconds(700) } ?? false)
    }
    guard !isSaid else { return }
    // What the launcher kills while it ends the run is no news.
    if isReporter, !isEnding { notice.write(dead.sorted().map { members[$0] }) }
    for socket in watched().sockets { socket.send([Note.end.rawValue]) }
    if me == 0 { LocalPeers.endAll() }
    _exit(statusOfKilled)
  }

  /// Rank 0 reports the deaths of others. Its own is reported by the ranks beside it, or, if there
  /// are none, by the next rank.
  private var isReporter: Bool {
    me == 0 || me == 1 && !members.dropFirst().contains { $0.isBeside(members[0]) }
  }
}
