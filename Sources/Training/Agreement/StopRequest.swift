// Signals that ask a run to end after the present step.

import Collectives
import Foundation
import ProcessControl
import Synchronization

/// SIGTERM, SIGINT, SIGUSR1 and SIGUSR2, which batch systems send before they take the machine away, ask
/// a run to save a checkpoint and end. A second SIGINT ends the process at once.
package enum StopRequest {
  private static let hasCome = Atomic(false)
  private static let interrupts = Atomic(0)

  /// From now on these signals are requests. To be called once. A shell lets its background jobs ignore
  /// SIGINT, which then stays ignored.
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
    if number == SIGTERM { LocalPeers.reportDead() }
    guard number == SIGINT else { return }
    if interrupts.add(1, ordering: .relaxed).oldValue > 0 { SignalThread.deliver(SIGINT) }
  }
}
