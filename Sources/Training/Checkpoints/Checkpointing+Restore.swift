// Going on from a checkpoint, or from a saved model.

import Collectives
import Memory
import Models
import Reporting
import Storage

/// Where a run goes on.
package struct ResumePoint {
  let step: Int
  let path: String
  /// Keys that may name another place, because what they named is all in the checkpoint.
  let moved: Set<String>

  package init(step: Int, path: String, moved: Set<String> = []) {
    self.step = step
    self.path = path
    self.moved = moved
  }
}

extension Checkpointing {
  /// Takes the model's weights from a saved model of this run.
  func loadWeights(from path: String) throws {
    try communicator.everyRank { try model.loadWeights(from: path) }
  }

  /// Restores parameters, moments, the average and state. Throws if the checkpoint is of another
  /// configuration or other data.
  func restore(_ point: ResumePoint, log: RunLog) throws -> TrainingState {
    let file = try communicator.everyRank { try StateFile(directory: point.path) }
    try communicator.everyRank { try check(file, point, log) }
    try loadWeights(from: point.path)
    try communicator.everyRank {
      let reader = try ShardReader(directory: point.path)
      for (kind, values) in shardedState {
        try reader.read(kind, into: values, of: optimizer.shards)
      }
      try model.shardedPart?.readState(from: reader.tensors)
    }
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
    let harmful = differences.filter { !$0.isHarmless && !point.moved.contains($0.key) }
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
        "\(configuration.outputDirectory): the data, its labels or the tokenizer have changed "
          + "since the run was begun. Set them back to resume, or start anew with --overwrite")
    }
    guard fileKind("\(point.path)/owed-best.safetensors") == nil else {
      throw Failure(
        .badConfiguration,
        "\(configuration.outputDirectory): resume the run once with version 0.1.0, which saved "
          + "this checkpoint while best/ could not be written, or start over with --overwrite")
    }
    if communicator.isRoot, !differences.isEmpty {
      log.message("resuming with " + differences.map(\.description).joined(separator: "; "))
    }
  }
}
