// A best model that is not what the state remembers: unsaved when the checkpoint was saved, damaged, or gone.
// It is written again from what the checkpoints hold of it.

import Collectives
import Foundation
import Memory
import Models
import Reporting
import Storage

/// Where the parameters of a best model are that is not whole in its place.
enum BestOrigin: Equatable {
  /// In the checkpoint that was saved while the model was unsaved.
  case unsaved(checkpoint: String)
  /// In the checkpoint of the step at which the model was the best.
  case checkpoint(String)
}

extension Checkpointing {
  /// What the best model of `state` has to be written again from; nil where it is in its place and whole.
  /// Throws where it is nowhere. Collective.
  /// - Parameter point: the checkpoint that the run goes on from, if it does.
  func originOfBest(
    _ state: TrainingState, resuming point: ResumePoint? = nil
  ) throws -> BestOrigin? {
    guard let step = state.bestStep, unsavedBest == nil else { return nil }
    if let point, FileManager.default.fileExists(atPath: "\(point.path)/\(UnsavedBestModel.file)") {
      return .unsaved(checkpoint: point.path)
    }
    var found = ""
    try communicator.rootOnly {
      do {
        let tensors = try Manifest(directory: directory.best).filter {
          $0.hasSuffix(".safetensors")
        }
        try tensors.validate(directory.best)
      } catch {
        let checkpoint = directory.checkpoints.path(step: step)
        guard (try? Manifest(directory: checkpoint).validate(checkpoint)) != nil else {
          throw Failure(
            Failure(error).exitCode,
            "the best model, of step \(step), is lost: \(error); and no checkpoint of that step is "
              + "left. The last checkpoint holds a model too; start anew with --overwrite")
        }
        printWarning("\(error); best/ is written again from the checkpoint of step \(step)")
        found = checkpoint
      }
    }
    let path = try communicator.broadcast(found)
    return path.isEmpty ? nil : .checkpoint(path)
  }

  /// Writes the best model of `state` anew. What `evaluate` says of it is what was said of it before,
  /// to the bit. Collective.
  func repairBest(
    _ state: TrainingState, from origin: BestOrigin, log: RunLog,
    evaluate: () throws -> Evaluation?
  ) throws {
    try keepingModel {
      try loadBest(from: origin)
      var state = state
      state.step = state.bestStep ?? state.step
      try saveBest(state, evaluation: try evaluate(), log: log)
    }
  }

  private func loadBest(from origin: BestOrigin) throws {
    switch origin {
    case .unsaved(let path):
      try communicator.everyRank {
        try SafetensorsFile(path: "\(path)/\(UnsavedBestModel.file)")
          .copy(UnsavedBestModel.tensor, into: model.parameters)
        try model.linear?.load(from: path, name: UnsavedBestModel.linearFile)
      }
    case .checkpoint(let path):
      try loadParameters(from: path)
      guard average != nil else { return }
      // What is frozen has no average.
      let trained = model.layout.trainedBuckets.map { model.layout.buckets[$0].range }
      try communicator.everyRank {
        try ShardReader(directory: path).read(.average, into: model.parameters, at: trained)
      }
    }
  }
}
