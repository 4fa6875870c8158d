// Signals that ask a run to end after the present step.

import Collectives
import Foundation

/// Written by the signal handler only, which may do little but write a flag.
nonisolated(unsafe) private var raisedSignals: sig_atomic_t = 0

/// SIGTERM, SIGINT and SIGUSR1 (which Slurm sends before it takes the machine away) become a flag;
/// a second SIGINT ends the process at once.
struct StopSignal {
  init() {
    for number in [SIGTERM, SIGINT, SIGUSR1] {
      signal(number) { number in
        raisedSignals += 1
        if number == SIGTERM { reportDeadPeers() }
        if number == SIGINT { signal(SIGINT, SIG_DFL) }
      }
    }
  }

  /// Whether one has come.
  var isRaised: Bool { raisedSignals > 0 }
}
