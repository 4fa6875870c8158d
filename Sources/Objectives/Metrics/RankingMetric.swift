// Metrics of how a row's labels are ranked. A new one is a file beside this one and a line in
// `rankingMetrics`.

import Kernels
import Memory

/// A row as the ranking metrics see it: unknown labels are not in the ranking.
public struct RankedRow {
  /// Whether each of the highest-ranked labels is true, best first; equal logits in label order.
  public let hits: [Bool]
  /// The highest-ranked labels, as `hits`.
  public let top: [Int32]
  /// The true labels, ascending.
  public let positives: ArraySlice<Int32>
  /// For each true label, how many labels have a logit at least as large, itself included.
  public let ranks: [Int]
  /// For each true label, how many true labels have a logit at least as large, itself included.
  public let ranksAmongPositives: [Int]
  /// Number of known labels: L where all is known.
  public let labels: Int

  /// - Parameter logits: NaN where the label is unknown, which ranks nowhere. `[L]`
  init(logits: Vector<Float>, _ targets: RowTargets, depth: Int) {
    labels = logits.count - targets.unknown.count
    positives = targets.positives
    top = largestIndices(row: logits, k: depth)
    hits = top.map { targets.positives.contains($0) }
    let scores = positives.map { logits[Int($0)] }
    ranks = scores.map { countAtLeast($0, row: logits) }
    ranksAmongPositives = scores.map { score in scores.count { $0 >= score } }
  }
}

/// A metric that is Σ value / Σ normalizer over the rows.
public protocol RankingMetric: Sendable {
  /// Its name in the reports.
  var name: MetricName { get }
  /// What one row adds above and below the line; the line is 1 for a plain mean.
  func value(_ row: RankedRow) -> (value: Double, normalizer: Double)
}

/// The ranking metrics of an evaluation, in the order in which they are reported.
func rankingMetrics(topK: [Int], counts: TrainingCounts) -> [any RankingMetric] {
  let atK: [(Int) -> any RankingMetric] = [
    { PrecisionAtK(k: $0) }, { RecallAtK(k: $0) }, { F1AtK(k: $0) }, { DiscountedGainAtK(k: $0) },
    { PropensityPrecisionAtK(k: $0, counts: counts) },
  ]
  return atK.flatMap { metric in topK.map(metric) }
    + [LabelRankingAveragePrecision(), CoverageError()]
}

/// Sums of the ranking metrics over rows.
public final class RankingSums: MergeableState {
  private let metrics: [any RankingMetric]
  private let depth: Int
  private var sums: [ExactSum]

  init(topK: [Int], counts: TrainingCounts) {
    precondition(topK.allSatisfy { $0 > 0 }, "k must be positive")
    metrics = rankingMetrics(topK: topK, counts: counts)
    depth = topK.max() ?? 0
    sums = Array(repeating: ExactSum(), count: 2 * metrics.count)
  }

  /// Adds a row of logits `[L]`, finite but for unknown cells, which are NaN. One of which nothing
  /// is known does not count.
  func add(row: Vector<Float>, _ targets: RowTargets) {
    guard !targets.areUnknown(labels: row.count) else { return }
    let ranked = RankedRow(logits: row, targets, depth: depth)
    for (index, metric) in metrics.enumerated() {
      let (value, normalizer) = metric.value(ranked)
      sums[2 * index].add(value)
      sums[2 * index + 1].add(normalizer)
    }
  }

  /// The figures; 0 where no row counts.
  public var values: [Metric] {
    metrics.enumerated().map { index, metric in
      let normalizer = sums[2 * index + 1].value
      return Metric(metric.name, normalizer == 0 ? 0 : sums[2 * index].value / normalizer)
    }
  }

  var integerCount: Int { 4 * sums.count }

  func write(to integers: Vector<Int64>) {
    for (index, sum) in sums.enumerated() { sum.write(to: integers, at: 4 * index) }
  }

  func read(from integers: Vector<Int64>) {
    for index in sums.indices { sums[index] = ExactSum(from: integers, at: 4 * index) }
  }
}
