// Which signals the threads that compute never see.
//
// The matrix kernels that oneDNN makes at run time (before 3.11) use the stack pointer as an
// ordinary pointer into a buffer of the heap. The kernel of the system writes a signal's frame
// below the stack pointer, so a handler that starts there overwrites the heap
// (uxlfoundation/oneDNN#4845). Therefore every signal that may have a handler is blocked in all
// threads, and one thread that computes nothing takes them (SignalThread.swift).

import Foundation

/// The signals that are blocked: all, but for those below.
///
/// - Faults (SIGSEGV and its like) come from the very instruction that a thread executes; they
///   end the process.
/// - SIGPIPE comes from the thread's own `write`, and has no handler.
/// - What stops a process and lets it go on is done by the system; these have no handler here.
struct SignalMask {
  private(set) var set = sigset_t()

  /// The mask of all signals that threads which compute must not see.
  static var held: SignalMask {
    var mask = SignalMask()
    sigfillset(&mask.set)
    let faults = [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS]
    let stops = [SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT]
    for number in faults + stops + [SIGKILL, SIGPIPE] { sigdelset(&mask.set, number) }
    return mask
  }

  /// The mask of one signal.
  init(only number: Int32) {
    sigemptyset(&set)
    sigaddset(&set, number)
  }

  private init() {}

  /// Whether all of the other's signals are among these.
  func isSuperset(of other: SignalMask) -> Bool {
    var (mine, others) = (set, other.set)
    return (1...64).allSatisfy {
      sigismember(&others, $0) != 1 || sigismember(&mine, $0) == 1
    }
  }

  /// Blocks these signals in the calling thread. Returns the signals that were blocked before.
  @discardableResult func block() -> SignalMask {
    var (mine, before) = (set, SignalMask())
    pthread_sigmask(SIG_BLOCK, &mine, &before.set)
    return before
  }

  func unblock() {
    var mine = set
    pthread_sigmask(SIG_UNBLOCK, &mine, nil)
  }
}

/// Blocks signals in the calling thread and in all that it starts, and so in every thread of a
/// program that calls this first of all. `SignalThread.start` then takes them.
///
/// Returns whether the program must be started again: libraries had started threads before
/// this one, which may still take signals; started again they inherit what is blocked now.
func holdSignals() -> Bool {
  let before = SignalMask.held.block()
  return !before.isSuperset(of: .held) && threadCount() > 1
}

/// Gives the signals of faults their default action, which ends the process.
///
/// Swift's runtime prints a trace of all threads at a fault, for which it stops them by signals.
/// Threads that block these would never answer, and the process would hang. Sanitizers
/// keep their handlers.
func leaveFaultsToTheSystem() {
  guard dlsym(nil, "__sanitizer_report_error_summary") == nil else { return }
  for number in [SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV] {
    signal(number, SIG_DFL)
  }
}

/// The threads of this process; 1 if the system has no /proc.
private func threadCount() -> Int {
  (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count) ?? 1
}
