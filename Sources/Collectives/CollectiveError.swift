// Failures of the group of ranks, and the one funnel through which MPI is called.

import CMPIShim

/// What can go wrong between ranks.
public enum CollectiveError: Error, Equatable, CustomStringConvertible {
  /// An MPI function failed: its name, and MPI's own words.
  case mpi(call: String, text: String)
  /// So many ranks cannot share so many microbatches.
  case indivisible(microbatches: Int, ranks: Int)

  /// Slurm has started so many processes that do not find each other.
  case separateTasks(tasks: Int, ranks: Int)

  /// The message, with what to do.
  public var description: String {
    switch self {
    case .mpi(let call, let text):
      return "\(call) failed: \(text)"
    case .separateTasks(let tasks, let ranks):
      return "start the \(tasks) tasks by srun --mpi=pmix, or by mpirun inside of the job: as they "
        + "are, \(ranks == 1 ? "each makes" : "every \(ranks) make") a run alone (srun "
        + "--mpi=list shows what this Slurm has)"
    case .indivisible(let microbatches, let ranks):
      let counts = ReductionFactors.rankCounts(microbatches: max(microbatches, 1))
        .map(String.init)
      let choice =
        counts.count == 1
        ? "1"
        : counts.dropLast().joined(separator: ", ")
          + " or \(counts[counts.count - 1])"
      return "\(ranks) ranks cannot share \(microbatches) microbatches; start \(choice) "
        + (counts.count == 1 ? "rank" : "ranks") + ", or set training.microbatches to "
        + "\(ReductionFactors.microbatches(atLeast: microbatches, ranks: ranks)), which changes the "
        + "rounding of the result, not its meaning"
    }
  }
}

/// The failure that all ranks agreed on: that of the lowest rank that failed.
public struct RankFailure: Error, Equatable, CustomStringConvertible {
  /// The lowest rank that failed.
  public let rank: Int
  /// Its message.
  public let message: String
  /// The exit code that every rank ends with.
  public let exitCode: Int32
  /// Whether all ranks failed with the same words, so that naming one of them would mislead.
  public let isShared: Bool

  /// The message, with the rank before it if that says something.
  public var description: String { isShared ? message : "rank \(rank): \(message)" }
}

/// Calls an MPI function; throws `CollectiveError.mpi` with the function's name if it fails.
@inline(__always)
func call(_ name: StaticString, _ function: () -> Int32) throws {
  let code = function()
  guard code != 0 else { return }
  throw CollectiveError.mpi(
    call: name.description, text: text(capacity: 512) { cmpi_error_text(code, $0, $1) })
}

/// The text that a C function writes into a buffer of `capacity` bytes.
func text(capacity: Int, _ write: (UnsafeMutablePointer<CChar>, Int32) -> Void) -> String {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { buffer in
    buffer.initialize(repeating: 0)
    guard let base = buffer.baseAddress else { return "" }
    write(base, Int32(capacity))
    return String(cString: base)
  }
}
