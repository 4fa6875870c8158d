// The best model of a run: `best/`, or memory while the disk refuses it.

import Models
import Reporting
import Storage

/// A best model that is not in its place on the disk yet. No checkpoint is saved until it is, so
/// that none knows of a best value whose model a kill could lose.
struct UnsavedBestModel {
  let model: ModelSnapshot
  let state: TrainingState
  let evaluation: Evaluation?
  var failure: Failure
}

extension Checkpointing {
  /// Saves the model as it is as the best one. If that fails it is kept in memory, and every
  /// later save and the end of the run try again.
  func saveBest(_ state: TrainingState, evaluation: Evaluation?, log: RunLog) throws {
    try log.pausing {
      unsavedBest = nil
      if let failure = try writeBest(state, evaluation, log) {
        unsavedBest = UnsavedBestModel(
          model: model.snapshot(), state: state, evaluation: evaluation, failure: failure)
      }
    }
  }

  /// Brings the best model into the model's parameters, from its directory or from memory.
  func restoreBest(log: RunLog) throws {
    try retryBest(log)
    if let unsavedBest {
      model.restore(unsavedBest.model)
    } else {
      try loadWeights(from: directory.best)
    }
  }

  /// Tries again to write a best model that could not be written, if there is one.
  func retryBest(_ log: RunLog) throws {
    guard var unsaved = unsavedBest else { return }
    try keepingModel {
      model.restore(unsaved.model)
      let failure = try writeBest(unsaved.state, unsaved.evaluation, log)
      unsaved.failure = failure ?? unsaved.failure
      unsavedBest = failure == nil ? nil : unsaved
    }
  }

  /// Gives the model what it has now again, after `body`.
  func keepingModel(_ body: () throws -> Void) rethrows {
    let present = model.snapshot()
    defer { model.restore(present) }
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
