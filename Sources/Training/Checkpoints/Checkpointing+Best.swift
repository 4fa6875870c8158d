// The best model of a run: `best/`, or memory where the disk refuses it.

import Memory
import Models
import Storage

/// A best model that is not on the disk yet.
struct OwedModel {
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
    let present = Vector<Float>(zeros: model.parameters.count)
    let presentLinear = model.linear?.weights
    present.copy(from: model.parameters)
    model.parameters.copy(from: owed.parameters)
    model.linear?.weights = owed.linear
    defer {
      model.parameters.copy(from: present)
      model.linear?.weights = presentLinear
    }
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
