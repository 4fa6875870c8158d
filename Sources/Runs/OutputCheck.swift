import Collectives
import Configuration
import Foundation
import Reporting
import Storage

/// Refuses, before anything is read, what would cost the user an older run or the run's own inputs.
package func checkOutput(_ configuration: Configuration, _ existing: ExistingRun) throws {
  let directory = RunDirectory(path: configuration.outputDirectory)
  guard directory.holdsRun else { return }
  switch existing {
  case .resume: break
  case .refuse:
    throw Failure(
      .badConfiguration,
      "\(directory.path) already holds a run: go on with it by --resume, or replace it by "
        + "--overwrite")
  case .overwrite:
    let data = configuration.data
    let inputs = [configuration.model.nameOrPath, data.train, data.validation, data.test]
    let place = URL(fileURLWithPath: directory.path).resolvingSymlinksInPath().path + "/"
    for input in inputs.compactMap({ $0 })
    where URL(fileURLWithPath: input).resolvingSymlinksInPath().path.hasPrefix(place) {
      throw Failure(
        .badConfiguration,
        "\(input) lies in the output_dir \(directory.path), which --overwrite would remove; choose "
          + "another output_dir")
    }
  }
}

extension Communicator {
  /// Runs `body` while no other process may work in the directory. Throws `StorageError` of kind
  /// occupied if another one does. Collective.
  package func locking<Result>(
    directory: String, _ body: () throws -> Result
  ) throws -> Result {
    try holding({ try RunLock(directory: directory, host: hostName, note: printNote) }, body)
  }

  /// The same for a directory that `body` puts in its place.
  package func locking<Result>(place: String, _ body: () throws -> Result) throws -> Result {
    try holding({ try RunLock(place: place, host: hostName, note: printNote) }, body)
  }

  private func holding<Result>(
    _ makeLock: () throws -> RunLock, _ body: () throws -> Result
  ) throws -> Result {
    var lock: RunLock?
    try rootOnly { lock = try makeLock() }
    defer { lock?.release() }
    return try body()
  }
}
