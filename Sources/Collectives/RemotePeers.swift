// How ranks of several machines learn at once that one of them has died.
//
// Each rank of another machine holds a connection to rank 0, over which nothing is sent. When a
// process dies, its system closes its connections: rank 0 learns of every death so, and every rank
// of rank 0's. A machine that falls silent closes nothing; that is what the liveness probe finds.

import Foundation
import ProcessControl

/// The ranks of the other machines.
enum RemotePeers {
  private static let lock = NSLock()
  /// Guarded by `lock`.
  private nonisolated(unsafe) static var watch: RemoteWatch?

  /// Begins to watch, if there are other machines. Collective.
  static func watch(
    _ members: [Member], _ notice: DeathNotice, of communicator: Communicator
  ) throws {
    guard members.contains(where: { !$0.isBeside(members[0]) }) else { return }
    let listening = communicator.isRoot ? WatchSocket.listening(ports: allowedPorts()) : nil
    let mine = Invitation(port: listening?.port ?? 0, addresses: machineAddresses())
    let invitation = Invitation(try communicator.broadcast(mine.bytes))
    // The ranks of rank 0's own machine are known by their processes.
    let isFar = !members[communicator.rank].isBeside(members[0])
    guard invitation.port != 0, communicator.isRoot || isFar else { return }
    let watch = RemoteWatch(members, me: communicator.rank, notice, token: invitation.token)
    lock.withLock { self.watch = watch }
    SignalThread.on(SIGTERM) { watch.noteTermination() }
    Thread.detachNewThread {
      if let socket = listening?.socket {
        watch.run(listening: socket)
      } else {
        watch.run(connectedTo: invitation.connections)
      }
    }
  }

  /// Whether rank 0 learns of the deaths of this machine's ranks.
  static var isWatchedByRoot: Bool { lock.withLock { watch }?.isWatchedByRoot ?? false }

  /// To be called before this process ends as it should, or has said why it does not: no rank takes
  /// it for dead.
  static func announceEnd() { lock.withLock { watch }?.tell(.silence) }

  /// To be called before this process ends because another has died, which it has said.
  static func endOthers() { lock.withLock { watch }?.tell(.end) }

  /// The ports that Open MPI was told to use for TCP, for networks that let no others through.
  private static func allowedPorts() -> Range<UInt16> {
    let environment = ProcessInfo.processInfo.environment
    func number(_ name: String) -> Int? {
      environment["OMPI_MCA_btl_tcp_port_\(name)_v4"].flatMap { Int($0) }
    }
    guard let first = number("min"), (1...65_535).contains(first) else { return 0..<0 }
    return UInt16(first)..<UInt16(min(first + (number("range") ?? 1000), 65_535))
  }
}

/// Where rank 0 can be reached, and by what it knows those whom it has asked.
private struct Invitation {
  /// 0 if it cannot.
  let port: UInt16
  let token: UInt64
  let addresses: [UInt32]

  init(port: UInt16, addresses: [UInt32]) {
    self.port = port
    self.addresses = addresses
    token = .random(in: .min ... .max)
  }

  var bytes: [UInt8] {
    Collectives.bytes(of: port) + Collectives.bytes(of: token)
      + addresses.flatMap { Collectives.bytes(of: $0) }
  }

  init(_ bytes: [UInt8]) {
    port = value(of: bytes[..<2])
    token = value(of: bytes[2..<10])
    addresses = stride(from: 10, to: bytes.count, by: 4).map { value(of: bytes[$0..<$0 + 4]) }
  }

  /// A connection to each address at which somebody answers, made when it is asked for.
  var connections: some Sequence<WatchSocket> {
    addresses.lazy.compactMap { WatchSocket.connected(to: $0, port: port, within: 3) }
  }
}
