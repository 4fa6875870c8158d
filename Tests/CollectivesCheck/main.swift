// What the multi-rank tests start with `mpirun`: one check a run, named by the first argument. Rank
// 0 prints what the test compares; a check that fails ends all ranks with exit code 1.

import Collectives
import Foundation

/// A check's result was not what it should have been.
struct CheckFailure: Error, CustomStringConvertible {
  let description: String
}

/// Throws unless the condition holds.
func check(_ condition: Bool, _ description: @autoclosure () -> String) throws {
  guard condition else { throw CheckFailure(description: description()) }
}

let arguments = CommandLine.arguments.dropFirst()
let numbers = arguments.dropFirst().compactMap { Int($0) }
do {
  let pieceByteCount = ProcessInfo.processInfo.environment["CHECK_PIECE"].flatMap { Int($0) }
  let communicator = try Communicator(pieceByteCount: pieceByteCount ?? 1 << 28)
  switch arguments.first {
  case "dense": try checkDense(communicator, microbatches: numbers[0])
  case "sparse": try checkSparse(communicator, microbatches: numbers[0])
  case "fetch": try checkFetch(communicator)
  case "messages": try checkMessages(communicator)
  case "parts": try checkParts(communicator)
  case "agree": try checkAgreement(communicator, failing: Set(numbers))
  case "abort": try checkAbort(communicator, rank: numbers[0])
  case "exit": try checkEarlyExit(communicator, rank: numbers[0])
  case "bandwidth": try measureBandwidth(communicator, megabytes: numbers[0])
  default: throw CheckFailure(description: "unknown check \(arguments.joined(separator: " "))")
  }
  try communicator.finalize()
} catch let failure as RankFailure {
  exit(failure.exitCode)
} catch {
  print("failed: \(error)")
  exit(1)
}
