// Another start of this program in the place of this one.

import Foundation

/// What tells a program that it has been started again, so that it does so once.
private let restartMark = "DDP_TRAIN_RESTARTED"

/// Makes this process ready, before anything else is done: no thread but one sees signals. Starts
/// the program again, once, if threads or libraries have to be set up otherwise
/// from the beginning.
/// - Parameter variables: what libraries should have found in the environment.
public func setUpProcess(setting variables: [String: String] = [:]) {
  let hasThreads = holdSignals()
  let isRestarted = getenv(restartMark) != nil
  unsetenv(restartMark)
  if !isRestarted, hasThreads || !variables.isEmpty { restartProgram(setting: variables) }
  leaveFaultsToTheSystem()
  SignalThread.start()
}

/// Starts this program in its own place, with the same arguments, process number and blocked
/// signals, and further variables in its environment, for libraries that read them only when they
/// are loaded. If the system refuses, the program goes on as it is.
private func restartProgram(setting variables: [String: String]) {
  let link = "/proc/self/exe"
  guard let program = try? FileManager.default.destinationOfSymbolicLink(atPath: link),
    // Started by hand through the dynamic loader, that is what the link names.
    !URL(fileURLWithPath: program).lastPathComponent.hasPrefix("ld-")
  else { return }
  let added = variables.merging([restartMark: "1"]) { $1 }
  for (name, value) in added { setenv(name, value, 1) }
  // A file that was replaced while the program runs has no path any more.
  execv(program.hasSuffix(" (deleted)") ? link : program, CommandLine.unsafeArgv)
  for name in added.keys { unsetenv(name) }
}
