// Messages on their way, and how a rank waits for them.

import CMPIShim
import Foundation

/// Requests that MPI works on while this rank does something else.
struct PendingRequests {
  private var requests: [Int] = []
  private var ended = 0
  /// Bytes of the receive that ended last.
  private(set) var lastCount = 0

  var isEmpty: Bool { requests.isEmpty }

  /// Adds the request that `start` makes.
  mutating func add(_ name: StaticString, _ start: (UnsafeMutablePointer<Int>) -> Int32) throws {
    var request = 0
    try call(name) { start(&request) }
    requests.append(request)
  }

  /// Lets MPI work, and says whether all requests have ended.
  ///
  /// Only the oldest open request is asked for: asking for any lets MPI work on all.
  mutating func poll() throws -> Bool {
    while ended < requests.count {
      var done: Int32 = 0
      var count: Int32 = 0
      try call("MPI_Test") { cmpi_test(&requests[ended], &done, &count) }
      guard done != 0 else { return false }
      lastCount = Int(count)
      ended += 1
    }
    requests.removeAll(keepingCapacity: true)
    ended = 0
    return true
  }
}

/// A clock that nearly stands still while this process does: a rank that was stopped, and goes on,
/// has not waited for the others meanwhile.
struct WaitingTime {
  private(set) var passed = Duration.zero
  private var last = ContinuousClock.now
  /// What a turn counts at most: longer than a turn takes on a crowded machine, and not nothing, so
  /// that waits end on a machine where each takes longer.
  private static let longestTurn = Duration.milliseconds(100)

  /// To be called at each turn of the waiting loop.
  mutating func advance() {
    let now = ContinuousClock.now
    passed += min(last.duration(to: now), Self.longestTurn)
    last = now
  }
}

/// How a rank passes the time until others answer: it asks again at once for a short while, then
/// lets other processes run, then sleeps between questions, so that more ranks than cores get on.
struct Backoff {
  private var waiting = WaitingTime()
  private var attended = ContinuousClock.now

  /// Something has happened: be quick again.
  mutating func reset() { waiting = WaitingTime() }

  /// Waits a moment, the longer the longer nothing has happened, and answers other ranks' probes
  /// now and then. Throws `UnansweredWait`.
  mutating func pause(attending livenessProbe: LivenessProbe?) throws {
    waiting.advance()
    let waited = waiting.passed
    if waited > .milliseconds(2) {
      usleep(30)
      let now = ContinuousClock.now
      guard let livenessProbe, attended.duration(to: now) > .milliseconds(20) else { return }
      attended = now
      if try livenessProbe.attend(waited) { reset() }
    } else if waited > .microseconds(20) {
      sched_yield()
    }
  }
}
