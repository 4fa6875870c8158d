// Evaluation of rows that all ranks share out by chunks, which depend on the rows alone. What is
// summed over ranks are integers, so that every figure has the same bits on any number of ranks.

import Collectives
import Data
import Memory
import Models
import Objectives

/// Metrics of one part of the data, and what its scores say of thresholds.
package struct Evaluation {
  package var metrics: [Metric]
  package let histogram: ScoreHistogram
  /// How each label was decided.
  var labels: [ThresholdKind: LabelDecisions] = [:]
  /// What each figure of F1 changes by without each row, `[N]`; empty without intervals.
  package var changes: [MetricName: [Double]] = [:]
  /// Rows that were evaluated.
  var rowCount = 0
  /// What was kept of the rows, in the order of their numbers; nil if nothing was to be kept.
  var rows: HeldOutRows?
  /// Seconds in which this rank computed the first pass's logits.
  package var logitSeconds = 0.0

  /// The value of a metric.
  package func value(_ name: MetricName) -> Double? { metrics.first { $0.name == name }?.value }
}

/// By what a model is evaluated.
package struct EvaluationCriteria {
  let loss: any Loss
  /// Rows and positives of each label in training.
  let counts: TrainingCounts
  /// The k of the ranking metrics.
  let topK: [Int]
  /// Tokens of a chunk of rows at most; a longer row is a chunk by itself.
  let batchTokens: Int

  package init(loss: any Loss, counts: TrainingCounts, topK: [Int], batchTokens: Int) {
    self.loss = loss
    self.counts = counts
    self.topK = topK
    self.batchTokens = batchTokens
  }
}

extension TrainingTask {
  /// By what the configuration judges models.
  package var evaluationCriteria: EvaluationCriteria {
    EvaluationCriteria(
      loss: loss, counts: counts, topK: configuration.evaluation.topK,
      batchTokens: configuration.evaluation.batchTokens)
  }
}

/// Evaluates a model on rows.
package struct Evaluator<Model: Classifier> {
  let model: Model
  let criteria: EvaluationCriteria
  let communicator: Communicator
  let workspace: Workspace

  /// Floats of logits that a rank keeps between two passes at most; beyond, they
  /// are computed again.
  static var keptFloats: Int { 16 << 20 }

  package init(
    _ model: Model, _ criteria: EvaluationCriteria, _ communicator: Communicator,
    _ workspace: Workspace
  ) {
    self.model = model
    self.criteria = criteria
    self.communicator = communicator
    self.workspace = workspace
  }

  /// Everything at 0.5 and the ranking metrics; then the decisions that `thresholds` finds in the
  /// scores, or that are known already.
  /// - Parameters:
  ///   - hasIntervals: whether F1 gets confidence intervals.
  ///   - kind: the decisions that are kept row by row; nil keeps none.
  package func evaluate(
    _ dataset: Dataset, hasIntervals: Bool = false, keeping kind: ThresholdKind? = nil,
    thresholds: (ScoreHistogram) -> [EvaluationMeasures.Decision]
  ) throws -> Evaluation {
    let chunks = evaluationChunks(rowLengths: dataset.rowLengths, tokenBudget: criteria.batchTokens)
    let keeps =
      dataset.rowCount / communicator.worldSize * criteria.counts.labels <= Self.keptFloats
    let intervalRows = hasIntervals ? dataset.rowCount : 0
    let first = EvaluationState(
      EvaluationMeasures(
        counts: criteria.counts, topK: criteria.topK, intervalRows: intervalRows))
    var pass = EvaluationPass(first)
    pass.reportsLoss = true
    pass.keeps = keeps
    let seconds = try run(&pass, over: dataset, chunks)
    try first.merge(by: communicator.sum)
    guard let histogram = first.histogram else { preconditionFailure("scores are counted") }
    let decisions = thresholds(histogram)
    guard !decisions.isEmpty else {
      return Evaluation(
        metrics: first.metrics(), histogram: histogram, changes: first.jackknifeChanges,
        logitSeconds: seconds)
    }
    let second = EvaluationState(
      EvaluationMeasures(
        counts: criteria.counts, decisions: decisions, intervalRows: intervalRows))
    var again = EvaluationPass(second)
    again.kept = pass.kept
    again.selection = decisions.first { $0.kind == kind }.map {
      RowSelection($0, rowCount: dataset.rowCount)
    }
    _ = try run(&again, over: dataset, chunks)
    try second.merge(by: communicator.sum)
    return Evaluation(
      metrics: first.metrics() + second.metrics(), histogram: histogram,
      labels: Dictionary(
        uniqueKeysWithValues: zip(decisions, second.decisions).map { ($0.kind, $1.byLabel) }),
      changes: first.jackknifeChanges.merging(second.jackknifeChanges) { $1 },
      rowCount: dataset.rowCount,
      rows: try again.selection.map { try communicator.gather($0.rows) },
      logitSeconds: seconds)
  }

  /// Adds this rank's chunks. Returns the seconds that their logits took.
  private func run(
    _ pass: inout EvaluationPass, over dataset: Dataset, _ chunks: [Range<Int>]
  ) throws -> Double {
    var seconds = 0.0
    let scratch = Vector<Float>(zeros: criteria.counts.labels)
    let mine = stride(from: communicator.rank, to: chunks.count, by: communicator.worldSize)
    // A row whose logits are no numbers fails on one rank: all must hear of it.
    try communicator.everyRank {
      for index in mine {
        let batch = Batch(dataset, rows: Array(chunks[index]))
        workspace.reset()
        let start = ContinuousClock.now
        let logits = pass.kept[index] ?? model.logits(batch, in: workspace)
        seconds += (ContinuousClock.now - start) / .seconds(1)
        let targets = SparseTargets(batch)
        let losses =
          pass.reportsLoss
          ? criteria.loss.forward(logits: logits, targets: targets, scratch: scratch) : []
        try pass.state.add(
          logits: logits, targets: targets, rowLosses: losses, indices: batch.rows)
        pass.selection?.add(logits, targets, batch.rows, of: dataset)
        if pass.keeps { pass.keep(logits, of: index) }
      }
    }
    return seconds
  }
}

/// One pass over the rows.
private struct EvaluationPass {
  let state: EvaluationState
  var reportsLoss = false
  /// The logits of this rank's chunks, where an earlier pass has kept them.
  var kept: [Int: Matrix<Float>] = [:]
  /// Whether logits are kept for the next pass.
  var keeps = false
  /// What is kept of single rows; nil keeps nothing.
  var selection: RowSelection?

  init(_ state: EvaluationState) { self.state = state }

  mutating func keep(_ logits: Matrix<Float>, of chunk: Int) {
    let copy = Matrix<Float>(zeros: logits.rows, logits.columns)
    copy.vector.copy(from: logits.vector)
    kept[chunk] = copy
  }
}

extension ScoreHistogram {
  /// The one threshold for all labels that is best for micro-F1.
  package var globalThresholds: Thresholds { Thresholds(globalThreshold(), labels: labels) }
}

extension Evaluation {
  /// The names of the metrics that an evaluation during training gives.
  package static func metricNames(counts: TrainingCounts, topK: [Int]) -> [MetricName] {
    let tuned = EvaluationMeasures.Decision(
      .global, thresholds: Thresholds(0.5, labels: counts.labels))
    let states = [
      EvaluationState(EvaluationMeasures(counts: counts, topK: topK)),
      EvaluationState(EvaluationMeasures(counts: counts, decisions: [tuned])),
    ]
    return [.loss] + states.flatMap { $0.metrics().map(\.name) }
  }
}
