// The one thread that takes signals. It computes nothing, so its stack pointer is a stack's.

import Foundation

/// Takes the signals of this process, and hands them to those who asked for them.
///
/// What runs here is ordinary code, which may allocate, lock and print; no signal handler exists. A
/// signal that nobody asked for does what it would do to a program without this thread: it ends the
/// process, is ignored, or runs the handler that a library or a profiler has set, on this thread.
public enum SignalThread {
  /// What is done about a signal.
  public typealias Action = @Sendable () -> Void

  private static let lock = NSLock()
  /// By the signal's number, in the order in which they are done. Guarded by `lock`.
  private nonisolated(unsafe) static var actions: [Int32: [Action]] = [:]
  private nonisolated(unsafe) static var hasStarted = false

  /// Starts the thread. To be called once, after `holdSignals`.
  public static func start() {
    lock.withLock {
      precondition(!hasStarted, "there is one thread for signals")
      hasStarted = true
    }
    Thread.detachNewThread {
      while true { take() }
    }
  }

  /// From now on `action` is done when the signal comes, after those that were given before.
  public static func on(_ number: Int32, do action: @escaping Action) {
    lock.withLock {
      precondition(hasStarted, "nothing takes signals yet")
      actions[number, default: []].append(action)
    }
  }

  /// Whether the program that started this one lets it ignore a signal.
  public static func isIgnored(_ number: Int32) -> Bool {
    let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status?.split(separator: "\n").first { $0.hasPrefix("SigIgn:") }
    guard let bits = line.flatMap({ UInt64($0.dropFirst(8), radix: 16) }) else { return false }
    return bits >> (number - 1) & 1 == 1
  }

  /// Lets a signal do what it does by itself, on the calling thread.
  public static func deliver(_ number: Int32) {
    let mask = SignalMask(only: number)
    pthread_kill(pthread_self(), number)
    mask.unblock()
    mask.block()
  }

  /// Waits for a signal; of several that have come the lowest number is first.
  private static func take() {
    var (held, number) = (SignalMask.held.set, Int32(0))
    guard sigwait(&held, &number) == 0 else { return }
    let asked = lock.withLock { actions[number] } ?? []
    if asked.isEmpty { deliver(number) }
    for action in asked { action() }
  }
}
