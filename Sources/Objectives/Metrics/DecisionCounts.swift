import Kernels
import Memory

/// What deciding every label by its threshold leads to: counts for each label, exact rows, and
/// each row's own F1, precision and recall.
///
/// Unknown cells are in no count: a row's figures are those of its known labels, and a row of which
/// nothing is known is in no mean over rows.
///
/// Everywhere 0/0 counts as 0, as scikit-learn's `zero_division=0`.
public final class DecisionCounts: MergeableState {
  /// Number of labels, L.
  public let labels: Int
  /// Rows added.
  public private(set) var rows = 0
  /// Rows of which something is known.
  private var knownRows = 0
  private var exactRows = 0
  private var rowSums = [ExactSum](repeating: ExactSum(), count: 3)
  private let thresholds: FoldedThresholds
  private let predictedCounts: Vector<Int32>
  private let truePositiveCounts: Vector<Int32>
  private let supportCounts: Vector<Int32>
  private let unknownCounts: Vector<Int32>

  /// Counts for decisions by the thresholds of each row's fold.
  init(thresholds: FoldedThresholds) {
    labels = thresholds.labels
    self.thresholds = thresholds
    predictedCounts = Vector(zeros: paddedCount(labels))
    truePositiveCounts = Vector(zeros: labels)
    supportCounts = Vector(zeros: labels)
    unknownCounts = Vector(zeros: labels)
  }

  /// Rows that were decided to have the label: TP + FP, `[L]`.
  public var predicted: [Int] { predictedCounts[0..<labels].array.map(Int.init) }
  /// Rows that have the label and were decided to: TP, `[L]`.
  public var truePositives: [Int] { truePositiveCounts.array.map(Int.init) }
  /// Rows that have the label: TP + FN, `[L]`.
  public var support: [Int] { supportCounts.array.map(Int.init) }

  /// Adds one row of logits `[L]`, finite but for unknown cells, which are NaN, with its labels;
  /// `index` is its place in the data.
  func add(row: Vector<Float>, _ targets: RowTargets, index: Int) {
    rows += 1
    for label in targets.unknown.lazy.map(Int.init) { unknownCounts[label] += 1 }
    guard !targets.areUnknown(labels: labels) else { return }
    let (thresholds, positives) = (thresholds.row(index, of: row), targets.positives)
    // NaN is at or above no threshold.
    let predicted = countDecisions(row: row, thresholds: thresholds, predicted: predictedCounts)
    var hits = 0
    for label in positives.lazy.map(Int.init) {
      supportCounts[label] += 1
      guard row[label] >= thresholds[label] else { continue }
      truePositiveCounts[label] += 1
      hits += 1
    }
    knownRows += 1
    if hits == positives.count, hits == predicted { exactRows += 1 }
    rowSums[0].add(fraction(2 * hits, predicted + positives.count))
    rowSums[1].add(fraction(hits, predicted))
    rowSums[2].add(fraction(hits, positives.count))
  }

  /// How the decisions on each label turned out.
  public var byLabel: LabelDecisions {
    LabelDecisions(
      known: unknownCounts.array.map { rows - Int($0) }, predicted: predicted,
      truePositives: truePositives, support: support)
  }

  /// The figures of decisions by such thresholds; those over groups of labels are of `groups`.
  public func metrics(by kind: ThresholdKind, groups: LabelGroups) -> [Metric] {
    let counts = byLabel
    let rowMeans = zip(["f1", "precision", "recall"], rowSums).map {
      Metric(
        MetricName("samples_\($0)", by: kind),
        knownRows == 0 ? 0 : $1.value / Double(knownRows))
    }
    return counts.metrics(by: kind, groups: groups) + rowMeans
      + [Metric(MetricName("subset_accuracy", by: kind), fraction(exactRows, knownRows))]
  }

  var integerCount: Int { firstLabel + 4 * labels }
  /// Where the counts of the labels begin.
  private var firstLabel: Int { 3 + 4 * rowSums.count }

  func write(to integers: Vector<Int64>) {
    integers[0] = Int64(rows)
    integers[1] = Int64(exactRows)
    integers[2] = Int64(knownRows)
    for (index, sum) in rowSums.enumerated() { sum.write(to: integers, at: 3 + 4 * index) }
    for label in 0..<labels {
      let base = firstLabel + 4 * label
      integers[base] = Int64(predictedCounts[label])
      integers[base + 1] = Int64(truePositiveCounts[label])
      integers[base + 2] = Int64(supportCounts[label])
      integers[base + 3] = Int64(unknownCounts[label])
    }
  }

  func read(from integers: Vector<Int64>) {
    rows = Int(integers[0])
    exactRows = Int(integers[1])
    knownRows = Int(integers[2])
    for index in rowSums.indices { rowSums[index] = ExactSum(from: integers, at: 3 + 4 * index) }
    for label in 0..<labels {
      let base = firstLabel + 4 * label
      predictedCounts[label] = Int32(integers[base])
      truePositiveCounts[label] = Int32(integers[base + 1])
      supportCounts[label] = Int32(integers[base + 2])
      unknownCounts[label] = Int32(integers[base + 3])
    }
  }
}

extension ExactSum {
  init(from integers: Vector<Int64>, at offset: Int) {
    self.init(
      integers: SIMD4(
        integers[offset], integers[offset + 1], integers[offset + 2], integers[offset + 3]))
  }

  func write(to target: Vector<Int64>, at offset: Int) {
    for index in 0..<4 { target[offset + index] = integers[index] }
  }
}
