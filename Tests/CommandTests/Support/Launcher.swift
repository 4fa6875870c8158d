// Starts the built program, alone or with the real mpirun, as a user does.

import Foundation
import Testing

/// All tests of the whole program, one after another: each starts as many ranks as the machine has
/// cores, or more.
@Suite(.serialized) enum WholeProgram {}

/// How the program ended.
struct Ending {
  /// The exit code; of a process that a signal ended, the signal's number.
  let code: Int32
  /// Standard output of all ranks.
  let output: String
  /// Standard error of all ranks.
  let errors: String

  /// What the program says that it failed of: a message may go on over some lines.
  var messages: [String] {
    errors.components(separatedBy: "ddp-train: error: ").dropFirst()
      .map { $0.trimmingCharacters(in: .newlines) }
  }

  var outputLines: [String] { output.split(separator: "\n").map(String.init) }
}

/// The command lines under test.
enum Program {
  /// The program, which is built into the same directory as the tests.
  static let path = Bundle.main.executableURL!.deletingLastPathComponent()
    .appendingPathComponent("ddp-train").path

  /// nil if Open MPI is not installed.
  static let mpirun = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    .map { "\($0)/mpirun" }
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  /// Whether program and tests were built with a sanitizer (launch/sanitize).
  static let hasSanitizer = ProcessInfo.processInfo.environment["DDP_TRAIN_SANITIZER"] != nil

  /// Lets Open MPI 4 and 5 start more ranks than cores, also as root in a container, and without
  /// the ptrace permission that containers withhold; and keeps it silent, so that what is read is
  /// the program's own.
  private static let crowded = [
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "PRTE_ALLOW_RUN_AS_ROOT": "1",
    "PRTE_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
    "OMPI_MCA_hwloc_base_binding_policy": "none",
    "PRTE_MCA_hwloc_default_binding_policy": "none",
    "OMPI_MCA_mpi_yield_when_idle": "1",
    "OMPI_MCA_btl_vader_single_copy_mechanism": "none",
    "OMPI_MCA_orte_execute_quiet": "1",
  ]

  /// Starts the program in `directory` and returns at once.
  /// - Parameters:
  ///   - ranks: 0 is without mpirun.
  ///   - prelude: shell commands that each rank runs first; `$OMPI_COMM_WORLD_RANK` is its number.
  static func start(
    _ arguments: [String], ranks: Int = 0, in directory: String? = nil, input: Data = Data(),
    prelude: String? = nil
  ) throws -> RunningProgram {
    var command = [path] + arguments
    if let prelude { command = ["/bin/sh", "-c", "\(prelude)\nexec \"$@\"", "sh"] + command }
    if ranks > 0 {
      command = [try #require(mpirun, "mpirun is not installed"), "-n", "\(ranks)"] + command
    }
    return try RunningProgram(
      command, directory: directory, input: input,
      environment: ProcessInfo.processInfo.environment.merging(crowded) { $1 })
  }

  /// Runs the program to its end.
  static func run(
    _ arguments: [String], ranks: Int = 0, in directory: String? = nil, input: Data = Data(),
    prelude: String? = nil
  ) throws -> Ending {
    try start(arguments, ranks: ranks, in: directory, input: input, prelude: prelude).ending()
  }

  /// Starts a script of `launch/` in `directory`, with further variables.
  static func startScript(
    _ name: String, _ arguments: [String], in directory: String, environment: [String: String]
  ) throws -> RunningProgram {
    let root = URL(fileURLWithPath: #filePath).pathComponents.dropLast(4).joined(separator: "/")
    return try RunningProgram(
      ["/usr/bin/env", "bash", "\(root)/launch/\(name)"] + arguments, directory: directory,
      input: Data(),
      environment: ProcessInfo.processInfo.environment.merging(crowded) { $1 }
        .merging(environment) { $1 })
  }

  /// Runs another command to its end.
  static func runOther(_ command: [String]) throws -> Ending {
    try RunningProgram(
      command, directory: nil, input: Data(), environment: ProcessInfo.processInfo.environment
    ).ending()
  }
}

/// A command that has been started. Its output goes to files, which never fill up as pipes do.
final class RunningProgram {
  private let process = Process()
  private let files = FileManager.default.temporaryDirectory.path + "/ddp-train-\(UUID())"
  private let start = ContinuousClock.now

  fileprivate init(
    _ command: [String], directory: String?, input: Data, environment: [String: String]
  ) throws {
    try FileManager.default.createDirectory(atPath: files, withIntermediateDirectories: true)
    try input.write(to: URL(fileURLWithPath: "\(files)/input"))
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    process.environment = environment
    if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
    process.standardInput = FileHandle(forReadingAtPath: "\(files)/input")
    process.standardOutput = try Self.file("\(files)/output")
    process.standardError = try Self.file("\(files)/errors")
    // The threads of tests block signals, background jobs ignore SIGINT, and a child inherits that.
    signal(SIGINT, SIG_DFL)
    var (none, blocked) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &blocked)
    defer { pthread_sigmask(SIG_SETMASK, &blocked, nil) }
    try process.run()
  }

  deinit { try? FileManager.default.removeItem(atPath: files) }

  private static func file(_ path: String) throws -> FileHandle {
    try Data().write(to: URL(fileURLWithPath: path))
    return try #require(FileHandle(forWritingAtPath: path))
  }

  /// The number of the process that was started, which under mpirun is mpirun's.
  var identifier: Int32 { process.processIdentifier }

  var isRunning: Bool { process.isRunning }

  /// Waits for the end. A command that hangs for `limit` seconds is killed, so that the
  /// tests go on.
  func ending(limit: Double = 60) throws -> Ending {
    let identifier = identifier
    let end = DispatchWorkItem {
      kill(identifier, SIGTERM)
      // mpirun has to end its ranks before it goes.
      Thread.sleep(forTimeInterval: 5)
      kill(identifier, SIGKILL)
    }
    DispatchQueue.global().asyncAfter(deadline: .now() + limit, execute: end)
    process.waitUntilExit()
    end.cancel()
    #expect(start.duration(to: .now) < .seconds(limit), "the command hung")
    return Ending(
      code: process.terminationStatus,
      output: try String(contentsOfFile: "\(files)/output", encoding: .utf8),
      errors: try String(contentsOfFile: "\(files)/errors", encoding: .utf8))
  }
}

/// Looks every few milliseconds whether `condition` has come true, for `limit` seconds.
func eventually(limit: Double = 30, _ condition: () -> Bool) -> Bool {
  let end = ContinuousClock.now + .seconds(limit)
  while ContinuousClock.now < end {
    if condition() { return true }
    usleep(2_000)
  }
  return false
}
