// What a run does with an `output_dir` that may hold a run already.

import Collectives
import Foundation
import Reporting
import Storage
import Training

extension TrainingRun {
  /// Looks at what `output_dir` holds and makes it ready; the checkpoint to go on from, if any.
  func prepare(_ directory: RunDirectory, _ existing: ExistingRun) throws -> ResumePoint? {
    var found: Checkpoint?
    try communicator.rootOnly {
      if existing == .overwrite { try directory.overwrite() }
      try directory.prepare()
      if existing == .resume { found = try newestCheckpoint(directory) }
    }
    try communicator.everyRank {
      guard FileManager.default.fileExists(atPath: directory.checkpoints.directory) else {
        throw Failure(
          .inputOutput,
          "\(directory.path) is not to be seen on \(communicator.hostName): output_dir must lie on "
            + "a file system that all machines share")
      }
    }
    let (step, path) = (
      try communicator.broadcast(found?.step ?? -1), try communicator.broadcast(found?.path ?? "")
    )
    guard step >= 0 else { return nil }
    let isWhole = try communicator.allHave(source.isWhole(at: path))
    return ResumePoint(step: step, path: path, moved: isWhole ? ["model.name_or_path"] : [])
  }

  /// The checkpoint to resume from. Without one the run starts again, unless that would cost
  /// something: a run that has ended, or checkpoints that are damaged.
  private func newestCheckpoint(_ directory: RunDirectory) throws -> Checkpoint? {
    let (checkpoint, damaged) = try directory.checkpoints.newestValid()
    for entry in damaged {
      printWarning(
        "checkpoint \(entry.name) is damaged and passed over: \(entry.reason)"
          + (entry.keptAs.map { "; kept as \($0)" } ?? ""))
    }
    guard checkpoint == nil else { return checkpoint }
    if !damaged.isEmpty || FileManager.default.fileExists(atPath: directory.results) {
      throw Failure(
        .badConfiguration,
        "\(directory.path): there is no valid checkpoint to resume from, but "
          + (damaged.isEmpty ? "a run that has ended" : "damaged ones")
          + "; start anew with --overwrite, or choose another output_dir")
    }
    try directory.overwrite()
    return nil
  }
}
