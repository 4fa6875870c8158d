import Kernels
import Memory

/// What an evaluation measures.
public struct EvaluationMeasures {
  /// Decisions by one set of thresholds.
  public struct Decision {
    /// Where the thresholds come from.
    public var kind: ThresholdKind
    /// The thresholds; of several sets, those at i mod their number decide row i.
    public var folds: [Thresholds]
    /// Where the most probable labels of a row are taken, how many; the thresholds then decide
    /// nothing.
    public var topK: Int?

    /// Decisions by `thresholds`.
    public init(_ kind: ThresholdKind, thresholds: Thresholds) {
      self.init(kind, crossFitted: [thresholds])
    }

    /// For each row its `topK` most probable labels, of `labels`.
    public init(_ kind: ThresholdKind, topK: Int, labels: Int) {
      self.init(kind, thresholds: Thresholds(0.5, labels: labels))
      self.topK = topK
    }

    /// Decisions on rows of each fold of a histogram by thresholds that the other folds gave.
    public init(_ kind: ThresholdKind, crossFitted folds: [Thresholds]) {
      self.kind = kind
      self.folds = folds
    }
  }

  /// Counts of the training data, for label groups and propensities.
  public var counts: TrainingCounts
  /// Sets of thresholds, each with its own figures.
  public var decisions: [Decision]
  /// The k of P@k, R@k, nDCG@k; nil leaves all ranking metrics out.
  public var topK: [Int]?
  /// Whether the scores are counted, for tuning thresholds and average precision.
  public var countsScores: Bool
  /// Rows of all ranks, for confidence intervals of F1; 0 for none.
  public var intervalRows: Int

  /// A first pass: everything at 0.5, ranking metrics and the histograms for tuning.
  public init(counts: TrainingCounts, topK: [Int], intervalRows: Int = 0) {
    self.counts = counts
    decisions = [Decision(.half, thresholds: Thresholds(0.5, labels: counts.labels))]
    self.topK = topK
    countsScores = true
    self.intervalRows = intervalRows
  }

  /// A second pass over the same rows, with thresholds that are known by now.
  public init(counts: TrainingCounts, decisions: [Decision], intervalRows: Int = 0) {
    self.counts = counts
    self.decisions = decisions
    topK = nil
    countsScores = false
    self.intervalRows = intervalRows
  }
}

/// Everything that an evaluation accumulates, as integers: rows are added on their rank, the
/// integers of all ranks are summed, and every rank that reads the sums reports the same bits.
public final class EvaluationState {
  /// The sum of the losses that were added, over labels and rows.
  public private(set) var loss = LossSum()
  /// Counts of the decisions, in the order of the settings.
  public let decisions: [DecisionCounts]
  /// The histogram of the scores, if the settings ask for it.
  public let histogram: ScoreHistogram?
  private let settings: EvaluationMeasures
  private let ranking: RankingSums?
  private let jackknives: [JackknifeRows]
  private let groups: LabelGroups
  /// A row of logits without its unknown cells, `[L]`.
  private let knownLogits: Vector<Float>

  /// An empty state.
  public init(_ settings: EvaluationMeasures) {
    let labels = settings.counts.labels
    precondition(settings.decisions.allSatisfy { $0.folds.allSatisfy { $0.labels == labels } })
    let thresholds = settings.decisions.map { FoldedThresholds($0.folds, topK: $0.topK) }
    self.settings = settings
    decisions = thresholds.map { DecisionCounts(thresholds: $0) }
    ranking = settings.topK.map { RankingSums(topK: $0, counts: settings.counts) }
    histogram = settings.countsScores ? ScoreHistogram(settings.counts) : nil
    let groups = LabelGroups(counts: settings.counts)
    jackknives =
      settings.intervalRows == 0
      ? []
      : thresholds.map {
        JackknifeRows(thresholds: $0, rowCount: settings.intervalRows, groups: groups)
      }
    self.groups = groups
    knownLogits = Vector(zeros: labels)
  }

  /// Bytes that an evaluation takes for a first pass with scores and a second one with two more
  /// decisions. A piece of it counts twice, while it is summed over the ranks.
  /// - Parameters:
  ///   - intervalRows: rows of all ranks, for confidence intervals; 0 for none.
  ///   - intervalCells: decided or true cells of this rank's rows, for each set of thresholds.
  public static func byteCount(labels: Int, intervalRows: Int, intervalCells: Int) -> Int {
    let scores = ScoreHistogram.byteCount(labels: labels)
    let intervals =
      intervalRows == 0 ? 0 : JackknifeRows.byteCount(rows: intervalRows, cells: intervalCells)
    return scores.counters + 3 * intervals
      + min(PackedCounters.largestByteCount, max(scores.piece, intervals))
  }

  /// Adds rows; their unknown cells count nowhere. Throws `ObjectiveError.nonFiniteLogit`; the rows
  /// before it are then counted.
  ///
  /// - Parameters:
  ///   - logits: `[B, L]`.
  ///   - targets: B rows.
  ///   - rowLosses: each row's loss summed over its known labels, `[B]`, or empty in a pass that
  ///     does not report the loss.
  ///   - indices: each row's place in the data, `[B]`, whichever rank it is on.
  public func add(
    logits: Matrix<Float>, targets: SparseTargets, rowLosses: [Double], indices: [Int]
  ) throws {
    precondition(logits.columns == settings.counts.labels && logits.rows == targets.rows)
    precondition(indices.count == targets.rows)
    precondition(rowLosses.isEmpty || rowLosses.count == targets.rows)
    for (position, index) in indices.enumerated() {
      let (row, targets) = (logits.row(position), targets.row(position))
      try checkFinite(row, index: index)
      if !rowLosses.isEmpty {
        loss.add(rowLosses[position], cells: logits.columns - targets.unknown.count)
      }
      let known = knownLogits(of: row, targets)
      for counts in decisions { counts.add(row: known, targets, index: index) }
      ranking?.add(row: known, targets)
      histogram?.add(row: row, targets, index: index)
      for jackknife in jackknives { jackknife.add(row: known, targets, index: index) }
    }
  }

  /// The row with NaN in its unknown cells: NaN is at or above no threshold and ranks nowhere.
  private func knownLogits(of row: Vector<Float>, _ targets: RowTargets) -> Vector<Float> {
    guard !targets.unknown.isEmpty else { return row }
    knownLogits.copy(from: row)
    overwrite(knownLogits, at: targets.unknown, with: .nan)
    return knownLogits
  }

  private func checkFinite(_ row: Vector<Float>, index: Int) throws {
    guard !isFinite(row: row) else { return }
    let label = (0..<row.count).first { !row[$0].isFinite } ?? 0
    throw ObjectiveError.nonFiniteLogit(row: index, label: label, value: row[label])
  }

  private var parts: [any MergeableState] {
    decisions + (ranking.map { [$0] } ?? []) + (histogram?.pieces ?? [])
  }

  /// Replaces the state by the sum of all ranks' states, made with the same settings: `sum` is
  /// given integers, a part of the state at a time, and replaces them by their sums.
  public func merge(by sum: (Vector<Int64>) throws -> Void) rethrows {
    let integers = Vector(loss.integers)
    try sum(integers)
    loss = LossSum(from: integers)
    for part in parts {
      let integers = Vector<Int64>(zeros: part.integerCount)
      part.write(to: integers)
      try sum(integers)
      part.read(from: integers)
    }
    for (jackknife, counts) in zip(jackknives, decisions) {
      try jackknife.merge(counts.byLabel, by: sum)
    }
  }

  /// What each figure of F1 changes by without each row, `[N]`.
  public var jackknifeChanges: [MetricName: [Double]] {
    jackknives.indices.reduce(into: [:]) { result, index in
      let kind = settings.decisions[index].kind
      result.merge(jackknives[index].changes(decisions[index].byLabel, by: kind)) { $1 }
    }
  }

  /// All figures, in order.
  public func metrics() -> [Metric] {
    var result: [Metric] = []
    if loss.rows > 0 { result.append(Metric(.loss, loss.mean)) }
    for (decision, counts) in zip(settings.decisions, decisions) {
      result += counts.metrics(by: decision.kind, groups: groups)
    }
    result += ranking?.values ?? []
    result += histogram?.averagePrecisionMetrics ?? []
    result += histogram?.probabilityMetrics ?? []
    for (index, jackknife) in jackknives.enumerated() {
      result += jackknife.metrics(
        decisions[index].byLabel, by: settings.decisions[index].kind)
    }
    return result
  }
}
