// What a rank's memory holds, worked out before anything is allocated.

import Collectives
import Data
import Kernels
import Memory
import Models

/// Sizes of a rank's buffers.
struct MemoryPlan {
  /// Address space for activations: enough for the worst step of any epoch.
  let workspaceFloats: Int
  /// What the rank will come to hold in memory, in bytes: its buffers, the largest step of the
  /// first epoch, and what libraries take.
  let expectedBytes: Int

  init<Model: Classifier>(
    _ experiment: Experiment, _ model: Model, _ communicator: Communicator
  ) {
    let settings = experiment.configuration
    let ranks = communicator.worldSize
    let pieces = settings.training.microbatches / ranks
    let bound = experiment.plan.tokenBound
    let rows = min(settings.training.batchSize, experiment.plan.rowsPerEpoch)
    // A microbatch's sizes are linear in tokens and in rows, but for rounding.
    let rounding = 64 * 64 * (pieces + 1)
    let training =
      pieces * model.passSize(tokens: bound, rows: 0) + model.passSize(tokens: 0, rows: rows)
      + model.temporarySize(tokens: bound, rows: rows)
    let evaluation = Self.evaluationFloats(experiment, model)
    workspaceFloats = max(training, evaluation) + rounding
    expectedBytes = Self.expectedBytes(experiment, model, ranks, pieces, evaluation)
  }

  /// Workspace of the largest piece of an evaluation.
  private static func evaluationFloats<Model: Classifier>(
    _ experiment: Experiment, _ model: Model
  ) -> Int {
    let budget = experiment.configuration.evaluation.batchTokens
    return [experiment.validation, experiment.test].compactMap { $0 }.map { dataset in
      let lengths = dataset.rowLengths
      return evaluationChunks(rowLengths: lengths, tokenBudget: budget).map { chunk in
        model.evaluationSize(tokens: lengths[chunk].reduce(0, +), rows: chunk.count)
      }.max() ?? 0
    }.max() ?? 0
  }

  private static func expectedBytes<Model: Classifier>(
    _ experiment: Experiment, _ model: Model, _ ranks: Int, _ pieces: Int, _ evaluation: Int
  ) -> Int {
    let layout = model.layout
    let dense = layout.buckets.filter { $0.kind == .dense }.map(\.range.count)
    let extent = experiment.plan.extent(ofRank: 0, worldSize: ranks, overEpochs: 1)
    let rows = experiment.configuration.training.batchSize / ranks
    let step =
      model.passSize(tokens: extent.tokensOfStep, rows: rows)
      + model.temporarySize(tokens: extent.tokens, rows: extent.rows)
    let slots = (LocalTree(count: pieces).slotCount - 1) * (dense.max() ?? 0)
    let exchange = ranks > 1 ? 2 * (dense.max() ?? 0) : 0
    // AdamW's two moments, and the average of the weights.
    let sharded = experiment.configuration.training.averageDecay == nil ? 2 : 3
    let floats =
      layout.count + model.preparedSize + dense.reduce(0, +) + sharded * layout.count / ranks
      + slots
      + exchange + max(step, evaluation)
    return floats * MemoryLayout<Float>.size + libraryBytes
  }

  /// The program, MPI, and the packing buffers of OpenBLAS.
  private static let libraryBytes = 110 << 20
}
