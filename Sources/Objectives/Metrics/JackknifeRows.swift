import Kernels
import Memory

/// What the figures of F1 change by when a row is left out. Decisions are kept row by row until
/// those of all ranks are counted.
final class JackknifeRows {
  /// With more decided or true cells on all ranks only micro-F1 has an interval (256 MB).
  private static let cellLimit = 1 << 26

  /// What is kept of a row.
  private struct Row {
    /// Its place in the data.
    let index: Int
    /// Where its cells end.
    let end: Int
    /// Decided and true labels, those that are both counted twice.
    let size: Int
    /// Labels that are both.
    let hits: Int
    /// Whether nothing is known of it, so that it counts nowhere.
    let isUnknown: Bool
  }

  private let thresholds: FoldedThresholds
  private let rowCount: Int
  private let groups: LabelGroups
  private var rows: [Row] = []
  /// Cells that are decided or true, row by row: twice the label, and 1 more if they are both.
  private var cells: [Int32] = []
  private var isOverLimit = false
  /// The changes of all ranks' rows.
  private var merged: [[Double]]?

  /// - Parameters:
  ///   - thresholds: of each row's fold.
  ///   - rowCount: rows of all ranks.
  ///   - groups: of labels, each with a figure.
  init(thresholds: FoldedThresholds, rowCount: Int, groups: LabelGroups) {
    self.thresholds = thresholds
    self.rowCount = rowCount
    self.groups = groups
  }

  /// Bytes for so many rows of all ranks if this rank keeps so many decided or true cells.
  static func byteCount(rows: Int, cells: Int) -> Int { 5 * 8 * rows + 4 * cells }

  /// Adds a row of logits `[L]`, finite but for unknown cells, which are NaN; `index` is its place
  /// in the data.
  func add(row: Vector<Float>, _ targets: RowTargets, index: Int) {
    let thresholds = thresholds.row(index, of: row)
    let decided = decidedLabels(row: row, thresholds: thresholds)
    let hits = targets.positives.filter { row[Int($0)] >= thresholds[Int($0)] }
    if !isOverLimit {
      let both = Set(hits)
      cells += decided.map { 2 * $0 + (both.contains($0) ? 1 : 0) }
      cells += targets.positives.lazy.filter { !both.contains($0) }.map { 2 * $0 }
      isOverLimit = cells.count > Self.cellLimit
      if isOverLimit { cells = [] }
    }
    rows.append(
      Row(
        index: index, end: cells.count, size: decided.count + targets.positives.count,
        hits: hits.count, isUnknown: targets.areUnknown(labels: row.count)))
  }

  /// Takes the changes of all ranks' rows, once `decisions` are those of all: `sum` is given
  /// integers and replaces them by the ranks' sums.
  func merge(_ decisions: LabelDecisions, by sum: (Vector<Int64>) throws -> Void) rethrows {
    merged = try changes(decisions).map { own in
      // Each row is one rank's, and the bits of the others are 0.
      let bits = Vector(own.map { Int64(bitPattern: $0.bitPattern) })
      try sum(bits)
      return bits.array.map { Double(bitPattern: UInt64(bitPattern: $0)) }
    }
  }

  /// What each figure changes by without each row, `[N]`: micro-F1 and, unless there are too many
  /// cells, macro-F1 and the mean F1 of each group.
  func changes(_ decisions: LabelDecisions, by kind: ThresholdKind) -> [MetricName: [Double]] {
    let names = [MetricName.microF1, .macroF1] + groups.all.map(\.f1)
    let values = (merged ?? changes(decisions)).map { $0.filter { !$0.isNaN } }
    return Dictionary(uniqueKeysWithValues: zip(names.map { $0.by(kind) }, values))
  }

  /// The intervals of micro- and macro-F1, as lower and upper figures.
  func metrics(_ decisions: LabelDecisions, by kind: ThresholdKind) -> [Metric] {
    let changes = changes(decisions, by: kind)
    let figures = decisions.metrics(by: kind, groups: .none)
    return [MetricName.microF1, .macroF1].flatMap { name -> [Metric] in
      guard let value = figures.first(where: { $0.name == name.by(kind) })?.value,
        let interval = changes[name.by(kind)].flatMap({ ConfidenceInterval(value, changes: $0) })
      else { return [] }
      let (low, high) = interval.ofFraction
      return [
        Metric(MetricName("\(name)_low", by: kind), low),
        Metric(MetricName("\(name)_high", by: kind), high),
      ]
    }
  }

  /// The changes of this rank's rows, NaN for those that count nowhere, and 0 for the others, in the
  /// order of the figures.
  private func changes(_ decisions: LabelDecisions) -> [[Double]] {
    let sizes = zip(decisions.predicted, decisions.support).map(+)
    let (size, hits) = (sizes.reduce(0, +), decisions.truePositives.reduce(0, +))
    var micro = [Double](repeating: 0, count: rowCount)
    for row in rows {
      micro[row.index] =
        row.isUnknown
        ? .nan : fraction(2 * (hits - row.hits), size - row.size) - fraction(2 * hits, size)
    }
    return size - hits > Self.cellLimit ? [micro] : [micro] + means(LabelChanges(decisions, sizes))
  }

  /// The changes of means over all labels, and over those of each group.
  private func means(_ changes: LabelChanges) -> [[Double]] {
    let labels = thresholds.labels
    let sets = [Array(0..<labels)] + groups.all.map(\.labels)
    return sets.map { set in
      var isMember = [Bool](repeating: false, count: labels)
      for label in set { isMember[label] = true }
      var means = [Double](repeating: 0, count: rowCount)
      var start = 0
      for row in rows {
        let sum = cells[start..<row.end].reduce(0.0) { sum, cell in
          isMember[Int(cell / 2)] ? sum + changes.withoutCell(cell) : sum
        }
        means[row.index] = row.isUnknown ? .nan : sum / Double(max(set.count, 1))
        start = row.end
      }
      return means
    }
  }
}

/// What F1 of each label changes by without a row that has the label or was decided to.
private struct LabelChanges {
  private let withoutHit: [Double]
  private let withoutMiss: [Double]

  init(_ decisions: LabelDecisions, _ sizes: [Int]) {
    let hits = decisions.truePositives
    let f1 = decisions.f1
    withoutHit = sizes.indices.map { fraction(2 * (hits[$0] - 1), max(sizes[$0] - 2, 0)) - f1[$0] }
    withoutMiss = sizes.indices.map { fraction(2 * hits[$0], max(sizes[$0] - 1, 0)) - f1[$0] }
  }

  /// - Parameter cell: twice the label, and 1 more for a hit.
  func withoutCell(_ cell: Int32) -> Double {
    cell % 2 == 1 ? withoutHit[Int(cell / 2)] : withoutMiss[Int(cell / 2)]
  }
}
