// Signals that ask a run to end after the present step.

import Collectives
import Foundation
import Memory
import ProcessControl
import Synchronization

/// What the ranks want to happen after a step; it happens if any of them wants it.
struct StopAndSaveRequests {
  /// To end the run: a signal came.
  var stops: Bool
  /// To save a checkpoint: `save_minutes` have passed on rank 0's clock.
  var saves: Bool

  /// What any rank wants. Collective.
  func merged(over communicator: Communicator) throws -> StopAndSaveRequests {
    let counts = Vector<Int64>([stops ? 1 : 0, saves ? 1 : 0])
    try communicator.sum(counts)
    return StopAndSaveRequests(stops: counts[0] > 0, saves: counts[1] > 0)
  }
}

/// SIGTERM, SIGINT, SIGUSR1 and SIGUSR2, which batch systems send before they take the machine
/// away, ask a run to save a checkpoint and end. A second SIGINT ends the process at once.
package enum StopRequest {
  private static let hasCome = Atomic(false)
  private static let interrupts = Atomic(0)

  /// From now on these signals are requests. To be called once. A shell lets its background jobs
  /// ignore SIGINT, which then stays ignored.
  package static func listen() {
    for number in [SIGTERM, SIGINT, SIGUSR1, SIGUSR2]
    where number != SIGINT || !SignalThread.isIgnored(SIGINT) {
      SignalThread.on(number) { take(number) }
    }
  }

  /// Whether one has come.
  package static var isRaised: Bool { hasCome.load(ordering: .relaxed) }

  private static func take(_ number: Int32) {
    hasCome.store(true, ordering: .relaxed)
    if number == SIGTERM { LocalPeers.endIfOneHasDied() }
    guard number == SIGINT else { return }
    if interrupts.add(1, ordering: .relaxed).oldValue > 0 { SignalThread.deliver(SIGINT) }
  }
}
