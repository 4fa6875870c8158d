// Work beside the training: the flushing and hashing of a checkpoint.

import Foundation

/// Something that is done by a thread of its own. It must not call MPI.
///
/// The condition guards the outcome: ThreadSanitizer knows it, and does not know a `Mutex`, which
/// it would take for a race.
final class BackgroundWork<Value: Sendable>: Sendable {
  private let condition = NSCondition()
  private nonisolated(unsafe) var outcome: Result<Value, any Error>?

  /// Begins.
  init(_ body: @escaping @Sendable () throws -> Value) {
    Thread.detachNewThread { [self] in
      let result = Result { try body() }
      condition.withLock {
        outcome = result
        condition.signal()
      }
    }
  }

  /// Whether the work is done.
  var isDone: Bool { condition.withLock { outcome != nil } }

  /// What came of it, once it is done; throws what it threw.
  func value() throws -> Value {
    let result = condition.withLock {
      while true {
        if let outcome { return outcome }
        condition.wait()
      }
    }
    return try result.get()
  }
}
