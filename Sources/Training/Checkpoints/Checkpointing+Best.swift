// The best model of a run: `best/`, or memory where the disk refuses it.

import Memory
import Models
import Storage

/// A best model that is not in its place on the disk yet. Checkpoints carry it until it is, so that no
/// checkpoint knows of a best value whose model a kill could lose.
struct OwedModel {
  /// Its file in a checkpoint, which holds one tensor.
  static let file = "owed-best.safetensors"
  static let tensor = "parameters"

  let parameters: Vector<Float>
  let state: TrainingState
  let evaluation: Evaluation?
  var failure: Failure
}

extension Checkpointing {
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

  /// Writes an owed model into a checkpoint.
  func save(_ owed: OwedModel, into pending: PendingDirectory) throws {
    var writer = SafetensorsWriter()
    writer.add(OwedModel.tensor, shape: [owed.parameters.count], owed.parameters)
    _ = try pending.writeFile(OwedModel.file) { try writer.write(to: $0) }
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

  /// Tries again to write a best model that could not be written, if there is one.
  func retryBest(_ log: RunLog) throws {
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
          do {
            try pending.commit(files: try saveModel(pending, state, evaluation))
          } catch {
            pending.abandon()
            throw error
          }
        }
      }
    }
  }
}
