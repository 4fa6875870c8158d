// The logits of two models on the same rows, and what is best made of them. Every rank holds those
// of its part of the rows.

import Collectives
import Data
import Foundation
import Memory
import Models
import Objectives

/// Logits of this rank's part of labeled rows by an encoder and a linear model.
struct EnsembleScores {
  /// Rows that are computed together, whatever the number of ranks.
  private struct Block {
    let rows: [Int]
    let targets: SparseTargets
    /// `[rows, L]` of each model.
    let encoder: Matrix<Float>
    let linear: Matrix<Float>
  }

  let counts: TrainingCounts
  private let blocks: [Block]
  private let communicator: Communicator

  /// A model, and the rows as it reads them.
  struct Part {
    let model: any Classifier
    let dataset: Dataset
  }

  /// Lets both models answer this rank's blocks of rows.
  init(
    encoder: Part, linear: Part, counts: TrainingCounts, _ communicator: Communicator
  ) throws {
    let chunks = evaluationChunks(
      rowLengths: encoder.dataset.rowLengths, tokenBudget: InferenceSession.batchTokens)
    let ranks = communicator.worldSize
    let mine = chunks[
      chunks.count * communicator.rank / ranks..<chunks.count * (communicator.rank + 1) / ranks]
    let logits = [encoder, linear].map { $0.logits(of: Array(mine)) }
    blocks = mine.enumerated().map { index, rows in
      Block(
        rows: Array(rows), targets: SparseTargets(Batch(linear.dataset, rows: Array(rows))),
        encoder: logits[0][index], linear: logits[1][index])
    }
    self.counts = counts
    self.communicator = communicator
  }

  /// The micro-F1 of the best threshold for all labels. Collective.
  func bestMicroF1(_ weights: EnsembleWeights) throws -> Double {
    try histogram(weights).bestMicroF1
  }

  /// What is decided by the weighted sum of logits. Collective.
  func decisions(_ kind: EnsembleOptions.Threshold, _ weights: EnsembleWeights) throws
    -> EnsembleDecisions
  {
    let histogram = try histogram(weights)
    let thresholds =
      switch kind {
      case .global: histogram.globalThresholds
      case .perLabel: histogram.labelThresholds().thresholds
      }
    return EnsembleDecisions(thresholds: thresholds, calibration: histogram.calibration())
  }

  private func histogram(_ weights: EnsembleWeights) throws -> ScoreHistogram {
    let state = EvaluationState(EvaluationMeasures(counts: counts, topK: []))
    try communicator.everyRank {
      for block in blocks {
        try state.add(
          logits: weights.sum(block.encoder, block.linear), targets: block.targets, rowLosses: [],
          indices: block.rows)
      }
    }
    try state.merge(by: communicator.sum)
    guard let histogram = state.histogram else { preconditionFailure("scores are counted") }
    return histogram
  }

  /// The weights with the best micro-F1 on these rows: those by frequency, or one scale for all
  /// labels among 0 and the powers of √2 from 1/8 to 32. Collective.
  func bestWeights() throws -> EnsembleWeights {
    let scales = [0] + (-6...10).map { Float(exp2(Double($0) / 2)) }
    let candidates =
      [try EnsembleWeights(self)]
      + scales.map { EnsembleWeights(scale: $0, labels: counts.labels) }
    var best = (weights: candidates[0], microF1: try bestMicroF1(candidates[0]))
    for candidate in candidates.dropFirst() {
      let microF1 = try bestMicroF1(candidate)
      if microF1 > best.microF1 { best = (candidate, microF1) }
    }
    return best.weights
  }

  /// The sums over all rows that a step of the regression needs, the same on any number of ranks.
  func stackingSums(_ weights: EnsembleWeights, _ frequencies: [Double]) throws -> StackingSums {
    let mine = blocks.flatMap { block in
      var sums = StackingSums()
      sums.add(block.encoder, block.linear, block.targets, weights, frequencies)
      return sums.values
    }
    let all = try communicator.gatherRows(Vector(mine)).array
    return stride(from: 0, to: all.count, by: StackingSums.count).reduce(into: StackingSums()) {
      $0.add(all[$1..<$1 + StackingSums.count])
    }
  }
}

/// What an ensemble decides by, and what its scores are worth.
struct EnsembleDecisions {
  /// The probability from which each label is decided to hold.
  let thresholds: Thresholds
  let calibration: LabelCalibration
}

extension EnsembleScores.Part {
  /// The logits of each chunk of rows.
  fileprivate func logits(of chunks: [Range<Int>]) -> [Matrix<Float>] {
    let lengths = dataset.rowLengths
    let size = chunks.map { chunk in
      model.evaluationSize(tokens: lengths[chunk].reduce(0, +), rows: chunk.count)
    }.max()
    let workspace = Workspace(capacity: size ?? 0)
    return chunks.map { rows in
      workspace.reset()
      let logits = model.logits(Batch(dataset, rows: Array(rows)), in: workspace)
      let copy = Matrix<Float>(zeros: logits.rows, logits.columns)
      copy.vector.copy(from: logits.vector)
      return copy
    }
  }
}
