// How this process was started: by mpirun, by srun, or alone.

import CMPIShim
import Foundation

extension Communicator {
  /// Whether a launcher has left its mark in the environment (Open MPI's `mpirun`, or PMIx).
  public static var isLaunched: Bool {
    ["OMPI_COMM_WORLD_SIZE", "PMIX_RANK"].contains { variable($0) != nil }
  }

  /// Throws if `srun` has started more processes than there are ranks: each would make the run
  /// alone, in the same output directory.
  static func checkThatTasksAreRanks(_ worldSize: Int) throws {
    // mpirun starts its daemons as a step, and its ranks inherit that step's variables.
    guard variable("OMPI_COMM_WORLD_SIZE") == nil,
      let tasks = variable("SLURM_STEP_NUM_TASKS").flatMap({ Int($0) }), tasks > worldSize
    else { return }
    throw CollectiveError.separateTasks(tasks: tasks, ranks: worldSize)
  }

  private static func variable(_ name: String) -> String? {
    ProcessInfo.processInfo.environment[name]
  }

  /// The MPI library's name and version, one line.
  public static var libraryVersion: String {
    text(capacity: 512) { cmpi_library_version($0, $1) }
      .split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
  }
}
