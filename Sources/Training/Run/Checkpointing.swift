// Saving and restoring a run. A checkpoint is a Hugging Face model directory, the state as JSON, and
// the moments of AdamW: one file a rank, in pieces that any number of ranks can read.

import Collectives
import Data
import Memory
import Models
import Storage

/// Where a run goes on.
struct ResumePoint {
  let step: Int
  let path: String
}

/// A best model that is not on the disk yet.
private struct OwedModel {
  let parameters: Vector<Float>
  let state: TrainingState
  let evaluation: Evaluation?
  var failure: Failure
}

/// Writes and reads the checkpoints and the best model of a run.
final class Checkpointing<Model: Classifier> {
  /// Writes the model as it is now into a directory and returns the files' records.
  typealias SaveModel = (PendingDirectory, TrainingState, Evaluation?) throws -> [FileRecord]

  private let configuration: Configuration
  private let directory: RunDirectory
  private let model: Model
  private let optimizer: ShardedAdamW
  private let communicator: Communicator
  private let fingerprint: String
  private let saveModel: SaveModel
  private let clock = ContinuousClock()
  private var lastSave: ContinuousClock.Instant
  /// The failure of the last checkpoint; nil where it went well.
  private var checkpointFailure: Failure?
  /// The best model, where it could not be saved yet.
  private var owedBest: OwedModel?

  /// What is not saved as it should be; nil where all is.
  var failure: Failure? { owedBest?.failure ?? checkpointFailure }

  /// - Parameter fingerprint: what a resumed run's data must be equal in.
  init(
    _ configuration: Configuration, fingerprint: String, model: Model, optimizer: ShardedAdamW,
    communicator: Communicator, save: @escaping SaveModel
  ) {
    self.configuration = configuration
    directory = RunDirectory(path: configuration.outputDirectory)
    self.fingerprint = fingerprint
    self.model = model
    self.optimizer = optimizer
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

  /// Saves a checkpoint. A disk that is full or broken costs this checkpoint, not the run: the old
  /// ones stay, and the next save tries again.
  func save(_ state: TrainingState, log: RunLog) throws {
    try log.pausing {
      try retryBest(log)
      checkpointFailure = try failure(of: "checkpoint", state, log) {
        try writeCheckpoint(state, log)
        try communicator.rootOnly { try asWriting { try rotate(state) } }
      }
      lastSave = clock.now
    }
  }

  /// Saves the model as it is as the best one. Where that fails it is kept in memory, and every later
  /// save and the end of the run try again.
  func saveBest(_ state: TrainingState, evaluation: Evaluation?, log: RunLog) throws {
    try log.pausing {
      owedBest = nil
      if let failure = try writeBest(state, evaluation, log) {
        let copy = Vector<Float>(zeros: model.parameters.count)
        copy.copy(from: model.parameters)
        owedBest = OwedModel(
          parameters: copy, state: state, evaluation: evaluation, failure: failure)
      }
    }
  }

  /// Brings the best model into the model's parameters, from its directory or from memory.
  func restoreBest(log: RunLog) throws {
    try retryBest(log)
    if let owedBest {
      model.parameters.copy(from: owedBest.parameters)
    } else {
      try loadParameters(from: directory.best)
    }
  }

  private func retryBest(_ log: RunLog) throws {
    guard var owed = owedBest else { return }
    let present = Vector<Float>(zeros: model.parameters.count)
    present.copy(from: model.parameters)
    model.parameters.copy(from: owed.parameters)
    defer { model.parameters.copy(from: present) }
    let failure = try writeBest(owed.state, owed.evaluation, log)
    owed.failure = failure ?? owed.failure
    owedBest = failure == nil ? nil : owed
  }

  private func writeBest(
    _ state: TrainingState, _ evaluation: Evaluation?, _ log: RunLog
  ) throws -> Failure? {
    try failure(of: "best model", state, log) {
      try communicator.rootOnly {
        try asWriting {
          let pending = try PendingDirectory.begin(at: directory.best)
          try orAbandon(pending) {
            try pending.commit(files: try saveModel(pending, state, evaluation))
          }
        }
      }
    }
  }

  /// Fills the model's parameters from a saved model of this run.
  func loadParameters(from path: String) throws {
    try communicator.everyRank {
      let source = try TensorSource(directory: path)
      for slot in model.layout.slots {
        try source.copy(slot.name, shape: slot.shape, into: model.parameters[slot.range])
      }
    }
  }

  /// Runs a save. Returns the failure where the disk is at fault, which costs this save only.
  private func failure(
    of what: String, _ state: TrainingState, _ log: RunLog, _ body: () throws -> Void
  ) throws -> Failure? {
    do {
      try body()
      return nil
    } catch let failure as Failure where failure.exitCode == .inputOutput {
      log.append(
        "save_failed",
        [
          "step": .integer(state.step), "what": .string(what), "reason": .string(failure.message),
        ])
      log.message("warning: the \(what) was not saved, the run goes on: \(failure.message)")
      return failure
    }
  }

  /// Whatever the system refuses while a save is written is a failure to write.
  private func asWriting<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as FileError {
      throw Failure(.inputOutput, "\(error)")
    }
  }

  private func writeCheckpoint(_ state: TrainingState, _ log: RunLog) throws {
    let store = directory.checkpoints
    try communicator.rootOnly { _ = try asWriting { try store.begin(step: state.step) } }
    let pending = store.join(step: state.step)
    do {
      let mine = try communicator.everyRank {
        try asWriting {
          var records = [try saveMoments(into: pending)]
          if communicator.isRoot {
            records += try saveModel(pending, state, nil)
            records.append(try saveState(state, into: pending))
          }
          return records
        }
      }
      let records = try communicator.gather(mine)
      if communicator.isRoot {
        log.append("checkpoint", ["step": .integer(state.step)], synchronize: true)
      }
      try communicator.rootOnly { try asWriting { try pending.commit(files: records) } }
    } catch {
      if communicator.isRoot { pending.abandon() }
      throw error
    }
  }

  private func orAbandon(_ pending: PendingDirectory, _ body: () throws -> Void) throws {
    do { try body() } catch {
      pending.abandon()
      throw error
    }
  }

  private func rotate(_ state: TrainingState) throws {
    guard let limit = configuration.checkpointing.totalLimit else { return }
    let kept = Set([state.bestStep].compactMap { $0 })
    _ = try directory.checkpoints.rotate(limit: limit, keeping: kept)
  }

  private func saveState(
    _ state: TrainingState, into pending: PendingDirectory
  ) throws -> FileRecord {
    let json: JSONObject = [
      "format": 1, "program": .string("\(Program.name) \(Program.version)"),
      "state": .object(state.json), "data": .string(fingerprint),
      "configuration": configuration.resolved,
    ]
    return try pending.writeFile(StateFile.name) {
      try $0.write(JSONValue.object(json).text(pretty: true) + "\n")
    }
  }

  /// The rank's shards, each piece named by where it begins in the parameter buffer.
  private func saveMoments(into pending: PendingDirectory) throws -> FileRecord {
    var writer = SafetensorsWriter()
    var offset = 0
    for shard in optimizer.shards where !shard.isEmpty {
      let range = offset..<offset + shard.count
      writer.add(
        MomentPiece.first.name(shard.lowerBound), shape: [shard.count],
        optimizer.firstMoments[range])
      writer.add(
        MomentPiece.second.name(shard.lowerBound), shape: [shard.count],
        optimizer.secondMoments[range])
      offset += shard.count
    }
    return try pending.writeFile(
      MomentPiece.file(rank: communicator.rank, of: communicator.worldSize)
    ) { try writer.write(to: $0) }
  }

  /// Restores parameters, moments and state. Throws where the checkpoint is of another
  /// configuration or other data.
  func restore(_ point: ResumePoint, log: RunLog) throws -> TrainingState {
    let file = try communicator.everyRank { try StateFile(directory: point.path) }
    try communicator.everyRank { try check(file, point, log) }
    try loadParameters(from: point.path)
    try communicator.everyRank { try MomentReader(directory: point.path).read(into: optimizer) }
    var state = file.state
    if let patience = configuration.earlyStopping.patience {
      state.hasStoppedEarly = state.evaluationsWithoutGain >= patience
    } else {
      state.hasStoppedEarly = false
    }
    return state
  }

  private func check(_ file: StateFile, _ point: ResumePoint, _ log: RunLog) throws {
    let differences = configuration.differences(from: file.configuration)
    let harmful = differences.filter { !$0.isHarmless }
    guard harmful.isEmpty else {
      throw Failure(
        .badConfiguration,
        "\(configuration.outputDirectory): the run was begun with another configuration: "
          + harmful.map(\.description).joined(separator: "; ")
          + ". Set it back to resume, or start anew with --overwrite")
    }
    guard file.fingerprint == fingerprint else {
      throw Failure(
        .badConfiguration,
        "\(configuration.outputDirectory): the data, its labels or the tokenizer have changed since "
          + "the run was begun. Set them back to resume, or start anew with --overwrite")
    }
    if communicator.isRoot, !differences.isEmpty {
      log.message("resuming with " + differences.map(\.description).joined(separator: "; "))
    }
  }
}

extension Communicator {
  /// The records of all ranks' files, on every rank.
  fileprivate func gather(_ records: [FileRecord]) throws -> [FileRecord] {
    let lines = records.map { "\($0.byteCount) \($0.sha256) \($0.name)" }
    return try allGather(Array(lines.joined(separator: "\n").utf8)).flatMap { bytes in
      String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { line in
        let parts = line.split(separator: " ", maxSplits: 2).map(String.init)
        return FileRecord(name: parts[2], byteCount: Int(parts[0]) ?? 0, sha256: parts[1])
      }
    }
  }
}
