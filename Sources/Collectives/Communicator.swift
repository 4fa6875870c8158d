// The group of all ranks. What is here: who this rank is, its start and its end, and sending and
// receiving. What is not: collective operations (Communicator+Collectives.swift), agreement on
// failures (Communicator+Failure.swift) and gradients (GradientReducer.swift).

import CMPIShim
import Foundation

/// The ranks of a run, started by `mpirun` (or `srun --mpi=pmix`), or this process alone.
///
/// MPI is started only when a launcher has started this process; otherwise it is a world of one
/// and every operation returns at once. All calls must come from the thread that made it, and all
/// ranks must make the same collective calls in the same order.
public final class Communicator {
  /// This process's number, 0 ..< `worldSize`.
  public let rank: Int
  /// The number of processes of the run.
  public let worldSize: Int
  /// This process's number among those of the same machine.
  public let localRank: Int
  /// The number of processes of the run on this machine.
  public let localSize: Int
  /// The machine's name.
  public let hostName: String
  /// Bytes of one MPI message at most: MPI counts in 32 bits. Longer ones travel in pieces.
  let pieceByteCount: Int
  /// Which ranks run on this rank's machine.
  private let isNeighbor: [Bool]
  private var isRunning: Bool
  /// How ranks that stop answering are found; nil until `watch` is called.
  var livenessProbe: LivenessProbe?

  /// Whether this is rank 0, which decides, prints and writes.
  public var isRoot: Bool { rank == 0 }

  /// Starts MPI if a launcher started this process.
  ///
  /// `pieceByteCount` bounds one message's bytes (a multiple of 8); tests set it low.
  public init(pieceByteCount: Int = 1 << 28) throws {
    precondition(pieceByteCount > 0 && pieceByteCount <= 1 << 30 && pieceByteCount % 8 == 0)
    self.pieceByteCount = pieceByteCount
    guard Communicator.isLaunched else {
      try Self.checkThatTasksAreRanks(1)
      (rank, worldSize, localRank, localSize) = (0, 1, 0, 1)
      isNeighbor = [true]
      hostName = text(capacity: 256) { _ = gethostname($0, Int($1) - 1) }
      isRunning = false
      return
    }
    var (rank, size): (Int32, Int32) = (0, 1)
    try call("MPI_Init_thread") { cmpi_init(&rank, &size) }
    try Self.checkThatTasksAreRanks(Int(size))
    self.rank = Int(rank)
    worldSize = Int(size)
    var flags = [UInt8](repeating: 0, count: Int(size))
    try call("MPI_Comm_split_type") { cmpi_find_neighbors(rank, size, &flags) }
    isNeighbor = flags.map { $0 != 0 }
    localRank = isNeighbor[..<Int(rank)].count { $0 }
    localSize = isNeighbor.count { $0 }
    hostName = text(capacity: 256) { _ = cmpi_processor_name($0, $1) }
    isRunning = true
  }

  /// Ends MPI, once all ranks have come here. Nothing may be sent afterwards, and nothing should
  /// be left to write: the launcher kills the others as soon as one ends with an exit code but 0.
  public func finalize() throws {
    fflush(nil)
    guard isRunning else { return }
    isRunning = false
    // From here on a rank that is gone has ended as it should.
    LocalPeers.forget()
    RemotePeers.announceEnd()
    try call("MPI_Finalize") { cmpi_finalize() }
  }

  /// Ends all ranks at once, wherever they are. For a failure that the others cannot learn of,
  /// because they wait in an exchange; print the message first.
  public func abort(exitCode: Int32) -> Never {
    // MPI ends this process without flushing what it has printed.
    fflush(nil)
    if isRunning {
      LocalPeers.announceAbort()
      RemotePeers.announceEnd()
      _ = cmpi_abort(exitCode)
    }
    exit(exitCode)
  }
}

extension Communicator {
  /// Begins to send bytes, which must stay as they are until the requests have ended.
  func send(
    _ bytes: UnsafeRawPointer, byteCount: Int, to peer: Int, tag: Int32,
    adding requests: inout PendingRequests
  ) throws {
    for piece in pieces(of: byteCount, atMost: messageByteCount(with: peer)) {
      try requests.add("MPI_Isend") {
        cmpi_isend(bytes + piece.lowerBound, Int32(piece.count), Int32(peer), tag, $0)
      }
    }
  }

  /// Begins to receive as many bytes as the peer sends.
  func receive(
    _ bytes: UnsafeMutableRawPointer, byteCount: Int, from peer: Int, tag: Int32,
    adding requests: inout PendingRequests
  ) throws {
    for piece in pieces(of: byteCount, atMost: messageByteCount(with: peer)) {
      try requests.add("MPI_Irecv") {
        cmpi_irecv(bytes + piece.lowerBound, Int32(piece.count), Int32(peer), tag, $0)
      }
    }
  }

  /// Bytes of a message to or from `peer` at most, when more than one may be sent.
  ///
  /// What goes to another machine is cut small enough for MPI to send it at once, below Open MPI's
  /// limit for TCP, 64 KiB with the header (`btl_tcp_eager_limit`). Of a longer message it sends
  /// the beginning and waits for the receiver to agree, whose answer stands in line behind what
  /// that one has under way in the other direction: the link idles meanwhile, and messages
  /// change their order.
  func messageByteCount(with peer: Int) -> Int {
    isNeighbor[peer] ? pieceByteCount : min(pieceByteCount, 60 << 10)
  }

  /// `0 ..< byteCount` cut into ranges that one message can carry; none if there are no bytes.
  func pieces(of byteCount: Int, atMost limit: Int = .max) -> [Range<Int>] {
    let size = min(pieceByteCount, limit)
    return stride(from: 0, to: byteCount, by: size).map { $0..<min($0 + size, byteCount) }
  }

  /// Bytes that are summed at one time: MPI takes several times as much memory for it.
  static var sumByteCount: Int { 4 << 20 }

  /// Waits until all requests have ended.
  func wait(for requests: inout PendingRequests) throws {
    var backoff = Backoff()
    while try !requests.poll() { try backoff.pause(attending: livenessProbe) }
  }

  /// Makes one request and waits until it has ended.
  func complete(_ name: StaticString, _ start: (UnsafeMutablePointer<Int>) -> Int32) throws {
    var requests = PendingRequests()
    try requests.add(name, start)
    try wait(for: &requests)
  }
}
