import Collectives
import Foundation

private struct Broken: Error, CustomStringConvertible {
  let description: String
}

private func exitCode(of error: any Error) -> Int32 { error is Broken ? 65 : 70 }

/// The ranks in `failing` fail (all of them, if it holds -1, with the same message); rank 0 prints
/// what all have learned, and all throw it.
func checkAgreement(_ communicator: Communicator, failing: Set<Int>) throws {
  do {
    let value = try communicator.together(exitCode: exitCode) {
      if failing.contains(-1) { throw Broken(description: "no such file") }
      if failing.contains(communicator.rank) {
        throw Broken(description: "line \(communicator.rank) is bad")
      }
      return communicator.rank
    }
    try check(value == communicator.rank, "a result was lost")
    if communicator.isRoot { print("all well") }
  } catch let failure as RankFailure {
    if communicator.isRoot { print("error: \(failure)") }
    try communicator.finalize()
    throw failure
  }
}

/// One rank aborts while the others wait for it.
func checkAbort(_ communicator: Communicator, rank: Int) throws {
  if communicator.rank == rank {
    print("rank \(rank): broken")
    communicator.abort(exitCode: 76)
  }
  try communicator.barrier()
}

/// One rank ends without a word while the others wait for it.
func checkEarlyExit(_ communicator: Communicator, rank: Int) throws {
  if communicator.rank == rank { exit(3) }
  try communicator.barrier()
}
