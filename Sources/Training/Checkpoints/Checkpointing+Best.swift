// The best model of a run: `best/`, or memory where the disk refuses it.

import Memory
import Models
import Reporting
import Storage

/// A best model that is not in its place on the disk yet. Checkpoints carry it until it is, so that no
/// checkpoint knows of a best value whose model a kill could lose.
struct OwedModel {
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
      owedBest = nil
      if let failure = try writeBest(state, evaluation, log) {
        let copy = Vector<Float>(zeros: model.parameters.count)
        copy.copy(from: model.parameters)
        owedBest = OwedModel(
          parameters: copy, linear: model.linear?.weights, state: state, evaluation: evaluation,
          failure: failure)
      }
    }
  }

  /// Writes an owed model into a checkpoint.
  func save(_ owed: OwedModel, into pending: PendingDirectory) throws {
    var writer = SafetensorsWriter()
    writer.add(OwedModel.tensor, shape: [owed.parameters.count], owed.parameters)
    _ = try pending.writeFile(OwedModel.file) { try writer.write(to: $0) }
    guard let linear = model.linear else { return }
    let present = linear.weights
    linear.weights = owed.linear
    defer { linear.weights = present }
    _ = try linear.save(into: pending, as: OwedModel.linearFile)
  }

  /// Brings the best model into the model's parameters, from its directory or from memory.
  func restoreBest(log: RunLog) throws {
    try retryBest(log)
    if let owedBest {
      model.parameters.copy(from: owedBest.parameters)
      model.linear?.weights = owedBest.linear
    } else {
      try loadParameters(from: directory.best)
    }
  }

  /// Tries again to write a best model that could not be written, if there is one.
  func retryBest(_ log: RunLog) throws {
    guard var owed = owedBest else { return }
    try keepingModel {
      model.parameters.copy(from: owed.parameters)
      model.linear?.weights = owed.linear
      let failure = try writeBest(owed.state, owed.evaluation, log)
      owed.failure = failure ?? owed.failure
      owedBest = failure == nil ? nil : owed
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
