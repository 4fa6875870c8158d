// The best model of a run: `best/`, or memory where the disk refuses it.

import Memory
import Models
import Reporting
import Storage

/// A best model that is not in its place on the disk yet. Checkpoints carry it until it is, so that no
/// checkpoint knows of a best value whose model a kill could lose.
struct UnsavedBestModel {
  /// Its file in a checkpoint, which holds one tensor, and that of its linear part.
  static let file = "owed-best.safetensors"
  static let tensor = "parameters"
  static let linearFile = "owed-linear.safetensors"

  let parameters: Vector<Float>
  /// Of the linear part, where there is one.
  let linear: SparseMatrix?
  let state: TrainingState
  let evaluation: Evaluation?
  var failure: Failure
}

extension Checkpointing {
  /// Saves the model as it is as the best one. Where that fails it is kept in memory, and every later
  /// save and the end of the run try again.
  func saveBest(_ state: TrainingState, evaluation: Evaluation?, log: RunLog) throws {
    try log.pausing {
      unsavedBest = nil
      if let failure = try writeBest(state, evaluation, log) {
        let copy = Vector<Float>(zeros: model.parameters.count)
        copy.copy(from: model.parameters)
        unsavedBest = UnsavedBestModel(
          parameters: copy, linear: model.linear?.weights, state: state, evaluation: evaluation,
          failure: failure)
      }
    }
  }

  /// Writes an unsaved model into a checkpoint.
  func save(_ unsaved: UnsavedBestModel, into pending: PendingDirectory) throws {
    var writer = SafetensorsWriter()
    writer.add(UnsavedBestModel.tensor, shape: [unsaved.parameters.count], unsaved.parameters)
    _ = try pending.writeFile(UnsavedBestModel.file) { try writer.write(to: $0) }
    guard let linear = model.linear else { return }
    let present = linear.weights
    linear.weights = unsaved.linear
    defer { linear.weights = present }
    _ = try linear.save(into: pending, as: UnsavedBestModel.linearFile)
  }

  /// Brings the best model into the model's parameters, from its directory or from memory.
  func restoreBest(log: RunLog) throws {
    try retryBest(log)
    if let unsavedBest {
      model.parameters.copy(from: unsavedBest.parameters)
      model.linear?.weights = unsavedBest.linear
    } else {
      try loadParameters(from: directory.best)
    }
  }

  /// Tries again to write a best model that could not be written, if there is one.
  func retryBest(_ log: RunLog) throws {
    guard var unsaved = unsavedBest else { return }
    try keepingModel {
      model.parameters.copy(from: unsaved.parameters)
      model.linear?.weights = unsaved.linear
      let failure = try writeBest(unsaved.state, unsaved.evaluation, log)
      unsaved.failure = failure ?? unsaved.failure
      unsavedBest = failure == nil ? nil : unsaved
    }
  }

  /// Gives the model what it has now again, after `body`.
  func keepingModel(_ body: () throws -> Void) rethrows {
    let parameters = Vector<Float>(zeros: model.parameters.count)
    parameters.copy(from: model.parameters)
    let linear = model.linear?.weights
    defer {
      model.parameters.copy(from: parameters)
      model.linear?.weights = linear
    }
    try body()
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
