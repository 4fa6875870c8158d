// Another start of this program in the place of this one.

import Foundation

/// Starts this program anew in its place, with the same arguments, process number and blocked signals
/// and further variables in its environment, for libraries that read them only when they are loaded.
/// To be called before MPI starts. Where the system refuses, the program goes on as it is.
public func restartProgram(setting variables: [String: String] = [:]) {
  let link = "/proc/self/exe"
  guard let program = try? FileManager.default.destinationOfSymbolicLink(atPath: link) else {
    return
  }
  for (name, value) in variables { setenv(name, value, 1) }
  execv(program, CommandLine.unsafeArgv)
  for name in variables.keys { unsetenv(name) }
}

/// Makes this process ready, before anything else is done: its threads see no signals but one that takes
/// them. Starts the program anew where threads or libraries have to be set up otherwise from the beginning.
/// - Parameter variables: what libraries should have found in the environment.
public func setUpProcess(setting variables: [String: String] = [:]) {
  let hasThreads = holdSignals()
  if hasThreads || !variables.isEmpty { restartProgram(setting: variables) }
  SignalThread.start()
}
