// Work beside the training: the flushing and hashing of a checkpoint.

import Dispatch
import Foundation
import Synchronization

/// Something that is done by a thread of its own. It must not call MPI.
final class BackgroundWork<Value: Sendable>: Sendable {
  private let outcome = Mutex<Result<Value, any Error>?>(nil)
  private let group = DispatchGroup()

  /// Begins.
  init(_ body: @escaping @Sendable () throws -> Value) {
    group.enter()
    Thread.detachNewThread { [self] in
      // Signals are for the thread that trains.
      var all = sigset_t()
      sigfillset(&all)
      pthread_sigmask(SIG_BLOCK, &all, nil)
      let result = Result { try body() }
      outcome.withLock { $0 = result }
      group.leave()
    }
  }

  /// Whether the work is done.
  var isDone: Bool { outcome.withLock { $0 != nil } }

  /// What came of it, once it is done; throws what it threw.
  func value() throws -> Value {
    group.wait()
    guard let result = outcome.withLock({ $0 }) else {
      preconditionFailure("the work has ended without an outcome")
    }
    return try result.get()
  }
}
