// A best model that is damaged or gone when a run goes on or ends. It is written again from the
// checkpoint of its step.

import Collectives
import Reporting
import Storage

extension Checkpointing {
  /// The checkpoint that the best model of `state` has to be written again from; nil if it is in
  /// its place and whole. Throws if it is nowhere. Collective.
  func checkpointOfBest(_ state: TrainingState) throws -> String? {
    guard let step = state.bestStep, unsavedBest == nil else { return nil }
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
    return path.isEmpty ? nil : path
  }

  /// Writes the best model of `state` again. What `evaluate` says of it is what was said of it
  /// before, to the bit. Collective.
  func repairBest(
    _ state: TrainingState, from checkpoint: String, log: RunLog,
    evaluate: () throws -> Evaluation?
  ) throws {
    try keepingModel {
      try loadWeights(from: checkpoint)
      if average != nil {
        // What is frozen has no average.
        let trained = model.layout.trainedBuckets.map { model.layout.buckets[$0].range }
        try communicator.everyRank {
          try ShardReader(directory: checkpoint)
            .read(.average, into: model.parameters, at: trained)
        }
      }
      var state = state
      state.step = state.bestStep ?? state.step
      try saveBest(state, evaluation: try evaluate(), log: log)
    }
  }
}
