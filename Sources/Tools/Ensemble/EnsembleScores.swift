// The logits of two models on the same rows, and how much of the second one is best added to the first.
// Every rank holds those of its part of the rows.

import Collectives
import Data
import Foundation
import Kernels
import Memory
import Models
import Objectives

/// Logits of this rank's part of labeled rows by two models, `[N/P, L]` each.
struct EnsembleScores {
  private let rows: Range<Int>
  private let targets: SparseTargets
  private let first: Matrix<Float>
  private let second: Matrix<Float>
  private let counts: TrainingCounts
  private let communicator: Communicator

  /// Lets both models answer this rank's rows.
  init(
    _ first: InferenceSession, _ second: InferenceSession, _ communicator: Communicator
  ) throws {
    let (count, ranks) = (first.dataset.rowCount, communicator.worldSize)
    let rows = count * communicator.rank / ranks..<count * (communicator.rank + 1) / ranks
    self.rows = rows
    self.communicator = communicator
    counts = first.loaded.notes.counts
    targets = SparseTargets(Batch(second.dataset, rows: Array(rows)))
    (self.first, self.second) = (first.logits(of: rows), second.logits(of: rows))
  }

  /// The micro-F1 of the best threshold for all labels where `scale` times the second model's logits are
  /// added to the first one's. Collective.
  func bestMicroF1(scale: Float) throws -> Double {
    try histogram(scale: scale).bestMicroF1
  }

  /// The thresholds for that sum of logits. Collective.
  func thresholds(_ kind: EnsembleOptions.Threshold, scale: Float) throws -> Thresholds {
    let histogram = try histogram(scale: scale)
    return switch kind {
    case .global: histogram.globalThresholds
    case .perLabel: histogram.labelThresholds().thresholds
    }
  }

  private func histogram(scale: Float) throws -> ScoreHistogram {
    let state = EvaluationState(EvaluationMeasures(counts: counts, topK: []))
    let sum = Matrix<Float>(zeros: first.rows, first.columns)
    sum.vector.copy(from: first.vector)
    addProduct(of: second.vector, scale, into: sum.vector)
    try communicator.everyRank {
      try state.add(logits: sum, targets: targets, rowLosses: [], indices: Array(rows))
    }
    try state.merge(by: communicator.sum)
    guard let histogram = state.histogram else { preconditionFailure("scores are counted") }
    return histogram
  }

  /// The scale with the best micro-F1, among 0 and the powers of √2 from 1/8 to 32. Collective.
  func bestScale() throws -> Float {
    var best: (scale: Float, microF1: Double) = (0, try bestMicroF1(scale: 0))
    for power in -6...10 {
      let scale = Float(exp2(Double(power) / 2))
      let microF1 = try bestMicroF1(scale: scale)
      if microF1 > best.microF1 { best = (scale, microF1) }
    }
    return best.scale
  }
}

extension InferenceSession {
  /// The logits of some rows, `[rows, L]`.
  fileprivate func logits(of rows: Range<Int>) -> Matrix<Float> {
    let result = Matrix<Float>(zeros: rows.count, loaded.labels.count)
    for chunk in chunks {
      let mine = chunk.clamped(to: rows)
      guard !mine.isEmpty else { continue }
      workspace.reset()
      let logits = model.logits(Batch(dataset, rows: Array(mine)), in: workspace)
      let place = mine.lowerBound - rows.lowerBound
      result.rows(place..<place + mine.count).vector.copy(from: logits.vector)
    }
    return result
  }
}
