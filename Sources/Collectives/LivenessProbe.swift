// How ranks find out which of them has stopped answering: one that has waited too long asks all
// others for a sign of life, and ranks that wait, as all sound ones do by then, answer at once.

import CMPIShim
import Foundation

/// Ranks that gave no sign of life, or a wait that nothing ends.
public struct UnansweredWait: Error, Equatable, CustomStringConvertible {
  /// One line: who is missing, and where the others wait.
  public let description: String
}

/// The sign of life that ranks ask of each other.
final class LivenessProbe {
  /// What this rank is doing, in the words of whoever does it.
  var activity = "starting"
  /// How long a rank waits before it asks.
  let limit: Duration
  /// How long it then waits for answers.
  private let grace: Duration
  private unowned let communicator: Communicator
  /// What each rank is: its process and its machine.
  private let members: [String]
  private var number: UInt8 = 0
  private var answers: [Int: Answer] = [:]
  private var isAskedToProbe = false
  /// Messages whose bytes must live until they are sent.
  private var sent: [(bytes: UnsafeMutableRawBufferPointer, requests: PendingRequests)] = []

  private struct Answer {
    /// Seconds that the rank had waited.
    let waited: Double
    let activity: String

    init(waited: Double, activity: String) {
      self.waited = waited
      self.activity = activity
    }

    /// The seconds, then the activity.
    var bytes: [UInt8] { Collectives.bytes(of: waited) + activity.utf8 }

    init(_ bytes: ArraySlice<UInt8>) {
      let size = MemoryLayout<Double>.size
      waited = value(of: bytes.prefix(size))
      activity = String(decoding: bytes.dropFirst(size), as: UTF8.self)
    }
  }

  /// - Parameter members: by rank, as the message names them.
  init(_ communicator: Communicator, members: [String], limit: Duration) {
    self.communicator = communicator
    self.members = members
    self.limit = limit
    grace = min(limit, .seconds(10))
  }

  /// To be called now and then while this rank waits, `waited` after the last sign that anything
  /// goes on. Answers who asks, and asks once the limit is passed. Throws `UnansweredWait`;
  /// returns whether the wait may begin again.
  func attend(_ waited: Duration) throws -> Bool {
    if waited > .milliseconds(500) { LocalPeers.endIfOneHasDied() }
    try answerQuestions(waited)
    guard waited > limit || isAskedToProbe else { return false }
    isAskedToProbe = false
    try probe(waited)
    return true
  }

  private func probe(_ waited: Duration) throws {
    number &+= 1
    answers = [communicator.rank: Answer(waited: waited / .seconds(1), activity: activity)]
    for rank in 0..<communicator.worldSize where rank != communicator.rank {
      try send(Array([number]), to: rank, Tag.question)
    }
    var waiting = WaitingTime()
    while answers.count < communicator.worldSize, waiting.passed < grace {
      try answerQuestions(waited)
      try collectAnswers()
      usleep(500)
      waiting.advance()
    }
    try judge()
  }

  /// Throws if ranks are missing, or if all of them wait; the lowest rank that is alive does,
  /// so that there is one message.
  private func judge() throws {
    let missing = (0..<communicator.worldSize).filter { answers[$0] == nil }
    let half = limit / .seconds(2)
    guard !missing.isEmpty || answers.values.allSatisfy({ $0.waited >= half }) else { return }
    let lowest = answers.keys.min() ?? communicator.rank
    guard lowest == communicator.rank else { return try send([], to: lowest, Tag.question) }
    let waits = Dictionary(grouping: answers.keys.sorted()) { answers[$0]?.activity ?? "" }
      .sorted { $0.value[0] < $1.value[0] }
      .map { "\(named($0.value)) in \($0.key)" }.joined(separator: ", ")
    let seconds = fixed(limit / .seconds(1))
    if missing.isEmpty {
      throw UnansweredWait(
        description: "for \(seconds) s no message has arrived, though all ranks wait (\(waits)): "
          + "is the network between their machines in order?")
    }
    let who = missing.map { members[$0] }.joined(separator: ", ")
    throw UnansweredWait(
      description:
        "\(who) gave no sign of life for \(seconds) s; waiting: \(waits). Is it stopped, or "
        + "its machine or disk too slow? training.ddp_timeout sets how long the others wait")
  }

  private func named(_ ranks: [Int]) -> String {
    (ranks.count == 1 ? "rank " : "ranks ") + ranks.map(String.init).joined(separator: ", ")
  }

  private func fixed(_ seconds: Double) -> String {
    seconds == seconds.rounded() ? String(Int(seconds)) : String(seconds)
  }

  /// A question without a number asks this rank to probe the others itself.
  private func answerQuestions(_ waited: Duration) throws {
    while let (peer, bytes) = try receive(Tag.question) {
      guard let number = bytes.first else {
        isAskedToProbe = true
        continue
      }
      let answer = Answer(waited: waited / .seconds(1), activity: activity)
      try send([number] + answer.bytes, to: peer, Tag.answer)
    }
  }

  private func collectAnswers() throws {
    while let (peer, bytes) = try receive(Tag.answer) {
      // An answer to an earlier question has come too late to count.
      guard bytes.first == number else { continue }
      answers[peer] = Answer(bytes.dropFirst())
    }
  }

  private func receive(_ tag: Int32) throws -> (peer: Int, bytes: [UInt8])? {
    var (found, peer, count): (Int32, Int32, Int32) = (0, 0, 0)
    try Collectives.call("MPI_Iprobe") { cmpi_iprobe(tag, &found, &peer, &count) }
    guard found != 0 else { return nil }
    // One byte more, so that a message without bytes has an address, too.
    var bytes = [UInt8](repeating: 0, count: Int(count) + 1)
    try bytes.withUnsafeMutableBytes { bytes in
      try communicator.complete("MPI_Irecv") {
        cmpi_irecv(bytes.baseAddress, count, peer, tag, $0)
      }
    }
    bytes.removeLast()
    return (Int(peer), bytes)
  }

  /// Sends without waiting: a rank that is stopped takes nothing.
  private func send(_ bytes: [UInt8], to rank: Int, _ tag: Int32) throws {
    for index in sent.indices.reversed() where try sent[index].requests.poll() {
      sent.remove(at: index).bytes.deallocate()
    }
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count + 1, alignment: 1)
    copy.copyBytes(from: bytes)
    var requests = PendingRequests()
    try requests.add("MPI_Isend") {
      cmpi_isend(copy.baseAddress, Int32(bytes.count), Int32(rank), tag, $0)
    }
    sent.append((copy, requests))
  }
}

extension Communicator {
  /// From now on a rank that waits longer than `limit` for others asks them for a sign of life, and
  /// the wait ends with `UnansweredWait` if one gives none. All ranks must call this, with
  /// the same limit.
  /// - Parameter deathNotice: the line that is written to standard error when ranks have died, of
  ///   a statement that says which.
  public func watch(
    limit: Duration, deathNotice: @escaping @Sendable (String) -> String
  ) throws {
    guard worldSize > 1 else { return }
    let places = try allGather(Member.place(host: hostName))
    let members = zip(try allGather(getpid()), places).enumerated().map {
      Member(rank: $0, process: $1.0, place: $1.1)
    }
    livenessProbe = LivenessProbe(self, members: members.map(\.description), limit: limit)
    let notice = DeathNotice(line: deathNotice)
    LocalPeers.watch(members.filter { $0.isBeside(members[rank]) }, notice)
    try RemotePeers.watch(members, notice, of: self)
  }

  /// What this rank is doing, for the message of the ranks that wait for it or with it.
  public var activity: String {
    get { livenessProbe?.activity ?? "" }
    set { livenessProbe?.activity = newValue }
  }
}
