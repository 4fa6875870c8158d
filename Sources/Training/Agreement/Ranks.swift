// How all ranks start and end together.

import Collectives
import Configuration
import Foundation
import ProcessControl
import Reporting
import Storage

/// Runs `body` on every rank. A failure that all ranks share is thrown, for rank 0 to print; one
/// that only this rank knows of is printed here and ends all ranks at once, since the others may be
/// waiting for this one.
package func onAllRanks(_ body: (Communicator) throws -> Void) throws {
  let communicator: Communicator
  do { communicator = try Communicator() } catch { throw Failure(.system, "\(error)") }
  do {
    try body(communicator)
    try communicator.finalize()
  } catch  where isMetByAll(error) {
    // Printed before the ranks part: mpirun ends all as soon as one ends with an error.
    let failure = Failure(error)
    if communicator.isRoot { printError("\(failure)") }
    try? communicator.finalize()
    throw Failure(failure.exitCode, failure.message, extent: .reported)
  } catch {
    let failure = Failure(error, extent: .oneRank(communicator.rank))
    guard communicator.worldSize > 1 else { throw Failure(error) }
    printError("\(failure)")
    // mpirun would wait for the daemon of a machine that does not answer.
    if error is UnansweredWait { endLauncher(after: 10) }
    communicator.abort(exitCode: failure.exitCode.rawValue)
  }
}

extension Communicator {
  /// Runs `body`, which no rank may leave waiting for another, on every rank. If it fails on
  /// any, all ranks throw the same failure, that of the lowest of them.
  package func everyRank<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try agreeing(body) } catch let failure as RankFailure {
      throw Failure(failure, "\(failure)")
    }
  }

  /// Runs `body` on rank 0; if it fails, all ranks throw the failure. No rank is named in it,
  /// because no other one has tried.
  package func rootOnly(_ body: () throws -> Void) throws {
    do { try agreeing { if isRoot { try body() } } } catch let failure as RankFailure {
      throw Failure(failure, failure.message)
    }
  }

  private func agreeing<Result>(_ body: () throws -> Result) throws -> Result {
    try together(exitCode: exitCode(of:)) {
      do { return try body() } catch { throw Failure(error) }
    }
  }
}

/// An error that every rank throws at the same place, because all of them know what it is about.
package protocol SharedError: Error {}

extension ConfigurationError: SharedError {}

/// Whether every rank throws this error at the same place.
package func isMetByAll(_ error: any Error) -> Bool {
  switch error {
  case let failure as Failure: failure.extent == .everyRank
  case is any SharedError: true
  default: false
  }
}

extension Failure {
  fileprivate init(_ failure: RankFailure, _ message: String) {
    self.init(ExitCode(rawValue: failure.exitCode) ?? .fault, message)
  }
}

private func exitCode(of error: any Error) -> Int32 { Failure(error).exitCode.rawValue }

extension Communicator {
  /// Rank 0's answer, on every rank.
  func decide(_ body: () -> Bool) throws -> Bool {
    try broadcast([isRoot && body() ? 1 : 0]) == [1]
  }

  /// Gives every rank the state that rank 0 has.
  func share(_ state: inout TrainingState) throws {
    let bytes = try broadcast(Array(state.json.text().utf8))
    guard let shared = TrainingState(json: try JSONValue(parsing: bytes)) else {
      throw Failure(.fault, "rank 0 sent a state that cannot be read")
    }
    state = shared
  }

  /// Whether `value` is true on every rank.
  package func allHave(_ value: Bool) throws -> Bool {
    try allGather(value).allSatisfy { $0 }
  }
}
