// The ranks of this machine as its system knows them, by which one that has died is found.

import Foundation
import ProcessControl

/// The ranks that run on this machine, this one among them.
public enum LocalPeers {
  private static let lock = NSLock()
  /// Guarded by `lock`: the thread that takes signals reads them.
  private nonisolated(unsafe) static var members: [Member] = []
  private nonisolated(unsafe) static var notice: DeathNotice?

  /// Remembers the ranks, until one of them says by SIGUSR2 that it ends the run.
  ///
  /// If both signals wait for a process that had no core for a while, SIGUSR2 is taken before
  /// the SIGTERM by which `mpirun` then ends the others: the lower number is first.
  static func watch(_ members: [Member], _ notice: DeathNotice) {
    lock.withLock { (self.members, self.notice) = (members, notice) }
    SignalThread.on(SIGUSR2) { forget() }
  }

  /// To be called before this process ends as it should, and the others with it.
  static func forget() { lock.withLock { members = [] } }

  /// To be called before this process aborts the run, having said why: the other ranks of the
  /// machine, which may outlive it for a moment, then don't report its death.
  static func announceAbort() {
    for peer in take() where peer.process != getpid() { kill(peer.process, SIGUSR2) }
  }

  /// If ranks of this machine have died, the lowest that is alive says so, and ends them all: what
  /// waits for a dead rank waits for ever. `mpirun` ends the others by SIGTERM, on which this may
  /// be called; `srun` does nothing, so that ranks that wait call it, too.
  public static func endIfOneHasDied() {
    // Rank 0 reports the ranks of other machines, where it has connections to them.
    guard !RemotePeers.isWatchedByRoot else { return }
    let (members, notice) = lock.withLock { (self.members, self.notice) }
    let dead = members.filter { !$0.isAlive }
    guard !dead.isEmpty, let notice,
      members.first(where: \.isAlive)?.process == getpid(), !take().isEmpty
    else { return }
    RemotePeers.endOthers()
    notice.write(dead)
    endAll(members)
  }

  /// Ends the ranks of this machine, this one last.
  static func endAll() { endAll(take()) }

  private static func endAll(_ members: [Member]) -> Never {
    for peer in members where peer.process != getpid() { kill(peer.process, SIGKILL) }
    _exit(statusOfKilled)
  }

  private static func take() -> [Member] {
    lock.withLock {
      defer { members = [] }
      return members
    }
  }
}
