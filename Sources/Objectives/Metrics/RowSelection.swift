import Kernels
import Memory

/// Chooses what is kept of rows and their logits.
public final class RowSelection {
  /// Rows of a part that are kept at most: evenly spaced ones of more.
  public static let largestRowCount = 50_000
  /// The best labels of a row, kept whatever was decided.
  static let topCount = 10
  /// Decided labels beyond these are counted only.
  static let decidedCount = 40

  /// What was kept so far.
  public private(set) var rows = HeldOutRows()
  private let thresholds: FoldedThresholds
  private let scratch: Vector<Int32>
  private let rowCount: Int

  /// - Parameters:
  ///   - decision: by what labels are decided.
  ///   - rowCount: of the whole part.
  public init(_ decision: EvaluationMeasures.Decision, rowCount: Int) {
    thresholds = FoldedThresholds(decision.folds, topK: decision.topK)
    scratch = Vector(zeros: paddedCount(thresholds.labels))
    self.rowCount = rowCount
  }

  /// Takes a row of finite logits `[L]`. Unknown labels are neither kept nor counted.
  /// - Parameters:
  ///   - index: its place in the data.
  ///   - number: its place in its file.
  public func add(
    row logits: Vector<Float>, positives: ArraySlice<Int32>, unknown: ArraySlice<Int32> = [],
    index: Int,
    number: Int
  ) {
    guard isKept(index) else { return }
    let row = unknown.isEmpty ? logits : Vector(logits.array)
    overwrite(row, at: unknown, with: .nan)
    let limits = thresholds.row(index, of: row)
    let decided = countDecisions(row: row, thresholds: limits, predicted: scratch)
    let best = largestIndices(row: row, k: max(Self.topCount, min(decided, Self.decidedCount)))
    let missing = positives.filter { !best.contains($0) }
    let labels =
      best
      + missing.sorted { (row[Int($1)], $0) < (row[Int($0)], $1) }
    rows.append(
      number: Int32(number), decidedCount: Int32(decided),
      entries: labels.map { label in
        let logit = row[Int(label)]
        return HeldOutRows.Entry(
          label: label, logit: logit, isTrue: positives.contains(label),
          isDecided: logit >= limits[Int(label)])
      })
  }

  private func isKept(_ index: Int) -> Bool {
    guard rowCount > Self.largestRowCount else { return true }
    let most = Self.largestRowCount
    return index == 0 || index * most / rowCount != (index - 1) * most / rowCount
  }
}
