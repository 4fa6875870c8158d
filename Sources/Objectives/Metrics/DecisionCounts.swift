import Kernels
import Memory

/// What deciding every label by its threshold leads to: counts for each label, exact rows, and
/// each row's own F1, precision and recall.
///
/// Everywhere 0/0 counts as 0, as scikit-learn's `zero_division=0`.
public final class DecisionCounts: MergeableState {
  /// Number of labels, L.
  public let labels: Int
  /// Rows added.
  public private(set) var rows = 0
  private var exactRows = 0
  private var rowSums = [ExactSum](repeating: ExactSum(), count: 3)
  private let thresholds: Vector<Float>
  private let predictedCounts: Vector<Int32>
  private let truePositiveCounts: Vector<Int32>
  private let supportCounts: Vector<Int32>

  /// Counts for decisions by `thresholds`.
  public init(thresholds: Thresholds) {
    labels = thresholds.labels
    self.thresholds = laneVector(thresholds.logits, padding: .infinity)
    predictedCounts = Vector(zeros: paddedCount(labels))
    truePositiveCounts = Vector(zeros: labels)
    supportCounts = Vector(zeros: labels)
  }

  /// Rows that were decided to have the label: TP + FP, `[L]`.
  public var predicted: [Int] { predictedCounts[0..<labels].array.map(Int.init) }
  /// Rows that have the label and were decided to: TP, `[L]`.
  public var truePositives: [Int] { truePositiveCounts.array.map(Int.init) }
  /// Rows that have the label: TP + FN, `[L]`.
  public var support: [Int] { supportCounts.array.map(Int.init) }

  /// Adds one row of finite logits `[L]` with its true labels.
  func add(row: Vector<Float>, positives: ArraySlice<Int32>) {
    let predicted = countDecisions(row: row, thresholds: thresholds, predicted: predictedCounts)
    var hits = 0
    for label in positives.lazy.map(Int.init) {
      supportCounts[label] += 1
      guard row[label] >= thresholds[label] else { continue }
      truePositiveCounts[label] += 1
      hits += 1
    }
    rows += 1
    if hits == positives.count, hits == predicted { exactRows += 1 }
    rowSums[0].add(fraction(2 * hits, predicted + positives.count))
    rowSums[1].add(fraction(hits, predicted))
    rowSums[2].add(fraction(hits, positives.count))
  }

  /// The figures, each name ending in `suffix`; those over groups of labels are of `groups`.
  public func metrics(suffix: String, groups: LabelGroups) -> [Metric] {
    let (predicted, hits, support) = (predicted, truePositives, support)
    let totals = (predicted.reduce(0, +), hits.reduce(0, +), support.reduce(0, +))
    let scores = [
      ("f1", (0..<labels).map { fraction(2 * hits[$0], predicted[$0] + support[$0]) }),
      ("precision", (0..<labels).map { fraction(hits[$0], predicted[$0]) }),
      ("recall", (0..<labels).map { fraction(hits[$0], support[$0]) }),
    ]
    let micro = [
      fraction(2 * totals.1, totals.0 + totals.2), fraction(totals.1, totals.0),
      fraction(totals.1, totals.2),
    ]
    let supported = (0..<labels).filter { support[$0] > 0 }
    let rowMeans = rowSums.map { rows == 0 ? 0 : $0.value / Double(rows) }
    var result: [Metric] = []
    for (index, (name, values)) in scores.enumerated() {
      result += [
        Metric("micro_\(name)\(suffix)", micro[index]),
        Metric("macro_\(name)\(suffix)", mean(values, over: 0..<labels)),
        Metric("macro_\(name)_supported\(suffix)", mean(values, over: supported)),
        Metric("samples_\(name)\(suffix)", rowMeans[index]),
      ]
    }
    let wrong = totals.0 + totals.2 - 2 * totals.1
    result += [
      Metric("subset_accuracy\(suffix)", fraction(exactRows, rows)),
      Metric("hamming_accuracy\(suffix)", fraction(rows * labels - wrong, rows * labels)),
    ]
    return result
      + groups.all.map { Metric("\($0.name)_f1\(suffix)", mean(scores[0].1, over: $0.labels)) }
  }

  private func mean(_ values: [Double], over labels: some Collection<Int>) -> Double {
    labels.isEmpty ? 0 : labels.reduce(0) { $0 + values[$1] } / Double(labels.count)
  }

  var integerCount: Int { 2 + 4 * rowSums.count + 3 * labels }

  func write(to integers: Vector<Int64>) {
    integers[0] = Int64(rows)
    integers[1] = Int64(exactRows)
    for (index, sum) in rowSums.enumerated() { sum.write(to: integers, at: 2 + 4 * index) }
    let base = 2 + 4 * rowSums.count
    for label in 0..<labels {
      integers[base + 3 * label] = Int64(predictedCounts[label])
      integers[base + 3 * label + 1] = Int64(truePositiveCounts[label])
      integers[base + 3 * label + 2] = Int64(supportCounts[label])
    }
  }

  func read(from integers: Vector<Int64>) {
    rows = Int(integers[0])
    exactRows = Int(integers[1])
    for index in rowSums.indices { rowSums[index] = ExactSum(from: integers, at: 2 + 4 * index) }
    let base = 2 + 4 * rowSums.count
    for label in 0..<labels {
      predictedCounts[label] = Int32(integers[base + 3 * label])
      truePositiveCounts[label] = Int32(integers[base + 3 * label + 1])
      supportCounts[label] = Int32(integers[base + 3 * label + 2])
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
