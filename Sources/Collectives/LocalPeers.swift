// The ranks of this machine as its system knows them, by which one that has died is found.

import Foundation
import ProcessControl

/// The ranks that run on this machine, this one among them.
public enum LocalPeers {
  struct Peer {
    let process: Int32
    /// What is written to standard error if the process has died; ends with a new line.
    let deathNotice: String

    var isAlive: Bool { kill(process, 0) == 0 || errno != ESRCH }
  }

  private static let lock = NSLock()
  /// Guarded by `lock`: the thread that takes signals reads it.
  private nonisolated(unsafe) static var peers: [Peer] = []

  /// Remembers the ranks, until one of them says by SIGUSR2 that it ends the run.
  ///
  /// If both signals wait for a process that had no core for a while, SIGUSR2 is taken before
  /// the SIGTERM by which `mpirun` then ends the others: the lower number is first.
  static func watch(_ peers: [Peer]) {
    lock.withLock { self.peers = peers }
    SignalThread.on(SIGUSR2) { forget() }
  }

  /// To be called before this process ends as it should, and the others with it.
  static func forget() { lock.withLock { peers = [] } }

  /// To be called before this process aborts the run, having said why: the other ranks of the
  /// machine, which may outlive it for a moment, then don't report its death.
  static func announceAbort() {
    for peer in take() where peer.process != getpid() { kill(peer.process, SIGUSR2) }
  }

  /// Says which ranks of this machine have died, on the lowest that is alive. `mpirun` ends the
  /// others by SIGTERM, on which this may be called.
  public static func reportDead() {
    let peers = lock.withLock { self.peers }
    guard peers.first(where: \.isAlive)?.process == getpid() else { return }
    for peer in peers where !peer.isAlive {
      FileHandle.standardError.write(Data(peer.deathNotice.utf8))
    }
  }

  private static func take() -> [Peer] {
    lock.withLock {
      defer { peers = [] }
      return peers
    }
  }
}
