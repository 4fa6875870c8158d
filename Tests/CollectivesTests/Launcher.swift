// Starts `collectives-check` with the real mpirun.

import Foundation
import Testing

/// How a run of several ranks has ended.
struct Run {
  /// mpirun's exit code.
  let exitCode: Int32
  /// Standard output of all ranks.
  let output: String

  /// The lines of the output.
  var lines: [String] { output.split(separator: "\n").map(String.init) }
}

/// Runs the check named first in `arguments` on `ranks` ranks; 0 means without mpirun.
func run(
  ranks: Int, _ arguments: String..., environment: [String: String] = [:]
) throws -> Run {
  let check = try #require(builtProgram("collectives-check"), "build collectives-check first")
  let process = Process()
  let output = Pipe()
  process.executableURL = URL(fileURLWithPath: ranks == 0 ? check : "/usr/bin/env")
  process.arguments =
    (ranks == 0 ? [] : ["mpirun", "-q", "-n", "\(ranks)", check]) + arguments
  process.environment = ProcessInfo.processInfo.environment
    .merging(crowded) { $1 }.merging(environment) { $1 }
  process.standardOutput = output
  process.standardInput = FileHandle.nullDevice
  try process.run()
  // A run that hangs must not hang the tests: it ends with SIGTERM's number for an exit code.
  let limit = DispatchWorkItem { process.terminate() }
  DispatchQueue.global().asyncAfter(deadline: .now() + 120, execute: limit)
  let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  limit.cancel()
  return Run(exitCode: process.terminationStatus, output: text)
}

/// Lets Open MPI 4 and 5 start more ranks than cores, also as root in a container, and without
/// the ptrace permission that containers withhold.
private let crowded = [
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
]

/// The path of a program built with these tests, which lies beside the test bundle, wherever
/// `--scratch-path` and the configuration have put it.
private func builtProgram(_ name: String) -> String? {
  let beginnings = CommandLine.arguments + [Bundle.main.executablePath ?? ""]
  for path in beginnings where path.contains("/") {
    var directory = URL(fileURLWithPath: path).deletingLastPathComponent()
    while directory.path != "/" {
      let candidate = directory.appendingPathComponent(name).path
      var isDirectory: ObjCBool = false
      if FileManager.default.fileExists(atPath: candidate, isDirectory: &isDirectory),
        !isDirectory.boolValue
      {
        return candidate
      }
      directory.deleteLastPathComponent()
    }
  }
  return nil
}
