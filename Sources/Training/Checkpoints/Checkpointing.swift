// Saving a run. A checkpoint is a Hugging Face model directory, the state as JSON, and the moments
// of AdamW: one file a rank, in pieces that any number of ranks can read. The best model is saved
// by Checkpointing+Best.swift and repaired by Checkpointing+Repair.swift;
// Checkpointing+Restore.swift reads what was saved.

import Collectives
import Configuration
import Data
import Memory
import Models
import Reporting
import Storage

/// A checkpoint whose files are written, and hashed and flushed in the background.
private struct PendingCheckpoint {
  let state: TrainingState
  let directory: PendingDirectory
  let work: BackgroundWork<[FileRecord]>
  /// How long training has stood still for it.
  var pause: Duration
}

/// Writes and reads the checkpoints and the best model of a run.
package final class Checkpointing<Model: Classifier> {
  /// Writes the model as it is now into a directory and returns the files' records.
  package typealias SaveModel = (PendingDirectory, TrainingState, Evaluation?) throws ->
    [FileRecord]

  let configuration: Configuration
  let directory: RunDirectory
  let model: Model
  let optimizer: ShardedAdamW
  let average: WeightAverage?
  let communicator: Communicator
  /// What a resumed run's data must be equal in.
  let fingerprint: String
  let saveModel: SaveModel
  private let clock = ContinuousClock()
  private var lastSave: ContinuousClock.Instant
  /// The last checkpoint, until it has its name.
  private var pendingCheckpoint: PendingCheckpoint?
  /// The failure of the last checkpoint; nil if it went well.
  private var checkpointFailure: Failure?
  /// The best model, if it could not be saved yet.
  var unsavedBest: UnsavedBestModel?

  /// What is not saved as it should be; nil if all is.
  package var failure: Failure? { unsavedBest?.failure ?? checkpointFailure }

  init(
    _ task: TrainingTask, _ optimization: OptimizationStep<Model>, _ communicator: Communicator,
    save: @escaping SaveModel
  ) {
    configuration = task.configuration
    directory = RunDirectory(path: configuration.outputDirectory)
    fingerprint = task.fingerprint
    model = optimization.model
    optimizer = optimization.optimizer
    average = optimization.average
    self.communicator = communicator
    saveModel = save
    lastSave = clock.now
  }

  /// Whether `save_minutes` have passed since the last checkpoint, on rank 0's clock.
  var isTimeToSave: Bool {
    guard let minutes = configuration.checkpointing.minutes, communicator.isRoot else {
      return false
    }
    return clock.now - lastSave >= .seconds(60 * minutes)
  }

  /// Begins to save a checkpoint: its files are written, which is a copy into the system's memory,
  /// and hashed and flushed while training goes on. `finalize` gives it its name. A disk that is
  /// full or broken costs this checkpoint, not the run: the old ones stay, and the next
  /// save tries again.
  func save(_ state: TrainingState, log: RunLog) throws {
    communicator.activity = "saving step \(state.step)"
    try finalize(log: log)
    try log.pausing {
      try retryBest(log)
      checkpointFailure = try failure(of: "checkpoint", state, log) {
        if let unsavedBest {
          throw Failure(
            .inputOutput, "the best model must be saved first, and \(unsavedBest.failure.message)")
        }
        let start = clock.now
        pendingCheckpoint = try writeCheckpoint(state)
        pendingCheckpoint?.pause = clock.now - start
      }
      lastSave = clock.now
    }
  }

  /// Completes the last checkpoint if all ranks have flushed what they have written
  /// of it. Collective.
  func finalizeIfFlushed(log: RunLog) throws {
    guard let pendingCheckpoint, try communicator.allHave(pendingCheckpoint.work.isDone) else {
      return
    }
    try finalize(log: log)
  }

  /// Waits until the last checkpoint is complete. Collective.
  func finalize(log: RunLog) throws {
    guard let checkpoint = pendingCheckpoint else { return }
    pendingCheckpoint = nil
    try log.pausing {
      checkpointFailure = try failure(of: "checkpoint", checkpoint.state, log) {
        try complete(checkpoint, log)
        try communicator.rootOnly { try asWriting { try rotate(checkpoint.state) } }
      }
    }
  }

  /// Runs a save. Returns the failure if the disk is at fault, which costs this save only.
  package func failure(
    of what: String, _ state: TrainingState, _ log: RunLog, _ body: () throws -> Void
  ) throws -> Failure? {
    do {
      try body()
      return nil
    } catch let failure as Failure where failure.exitCode == .inputOutput {
      log.append(
        SaveFailedEvent {
          $0.step = state.step
          $0.what = what
          $0.reason = failure.message
        })
      log.warn("the \(what) was not saved, the run goes on: \(failure.message)")
      return failure
    }
  }

  /// Whatever the system refuses while a save is written is a failure to write.
  func asWriting<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as FileError {
      throw Failure(.inputOutput, "\(error)")
    }
  }

  private func writeCheckpoint(_ state: TrainingState) throws -> PendingCheckpoint {
    let store = directory.checkpoints
    let files = UnfinishedFiles()
    let pending = store.join(step: state.step, unfinished: files)
    try communicator.rootOnly { _ = try asWriting { try store.begin(step: state.step) } }
    do {
      try communicator.everyRank {
        try asWriting {
          try saveShards(into: pending)
          guard communicator.isRoot else { return }
          _ = try saveModel(pending, state, nil)
          try saveState(state, into: pending)
        }
      }
    } catch {
      files.abandon()
      if communicator.isRoot { pending.abandon() }
      throw error
    }
    return PendingCheckpoint(
      state: state, directory: pending, work: BackgroundWork { try files.finish() }, pause: .zero)
  }

  private func complete(_ checkpoint: PendingCheckpoint, _ log: RunLog) throws {
    do {
      let start = clock.now
      let mine = try communicator.everyRank { try asWriting { try checkpoint.work.value() } }
      let records = try communicator.gather(mine)
      let pause = (checkpoint.pause + (clock.now - start)) / .seconds(1)
      let bytes = records.reduce(0) { $0 + $1.byteCount }
      log.append(
        CheckpointEvent {
          $0.step = checkpoint.state.step
          $0.megabytes = (Double(bytes) / 1e4).rounded() / 100
          $0.pauseSeconds = (pause * 1e6).rounded() / 1e6
        })
      try communicator.rootOnly {
        try asWriting {
          // No checkpoint may outlive the lines of the steps before it.
          try log.flush()
          try checkpoint.directory.commit(files: records)
        }
      }
    } catch {
      if communicator.isRoot { checkpoint.directory.abandon() }
      throw error
    }
  }

  private func rotate(_ state: TrainingState) throws {
    guard let limit = configuration.checkpointing.totalLimit else { return }
    let kept = Set([state.bestStep].compactMap { $0 })
    _ = try directory.checkpoints.rotate(limit: limit, keeping: kept)
  }

  private func saveState(_ state: TrainingState, into pending: PendingDirectory) throws {
    let file = StateFile(state: state, configuration: configuration, fingerprint: fingerprint)
    try file.write(into: pending)
  }

  /// What the rank holds for each parameter of its shards, in the order of the shards.
  var shardedState: [(kind: ShardPiece, values: Vector<Float>)] {
    [(.firstMoment, optimizer.firstMoments), (.secondMoment, optimizer.secondMoments)]
      + (average.map { [(.average, $0.values)] } ?? [])
  }

  /// The state of the rank's shards, each piece named by where it begins in the parameter buffer.
  private func saveShards(into pending: PendingDirectory) throws {
    var writer = SafetensorsWriter()
    var offset = 0
    for shard in optimizer.shards where !shard.isEmpty {
      let range = offset..<offset + shard.count
      for (kind, values) in shardedState {
        writer.add(kind.name(shard.lowerBound), shape: [shard.count], values[range])
      }
      offset += shard.count
    }
    model.shardedPart?.addState(to: &writer)
    _ = try pending.writeFile(
      ShardPiece.file(rank: communicator.rank, of: communicator.worldSize)
    ) { try writer.write(to: $0) }
  }
}

extension Communicator {
  /// The records of all ranks' files, on every rank.
  fileprivate func gather(_ records: [FileRecord]) throws -> [FileRecord] {
    let lines = records.map { "\($0.byteCount) \($0.sha256) \($0.name)" }
    return try allGather(lines.joined(separator: "\n")).flatMap { text in
      text.split(separator: "\n").map { line in
        let parts = line.split(separator: " ", maxSplits: 2).map(String.init)
        return FileRecord(name: parts[2], byteCount: Int(parts[0]) ?? 0, sha256: parts[1])
      }
    }
  }
}
