/// The true labels of some rows: row i has `labels[offsets[i]..<offsets[i + 1]]`, each label at
/// most once, ascending. Labels that are neither true nor unknown are false.
public struct SparseTargets: Sendable, Equatable {
  /// Where each row begins, and the end of the last: `[B + 1]`.
  public let offsets: [Int]
  /// Label indices, row after row.
  public let labels: [Int32]
  /// Where each row begins in `unknownLabels`, and the end of the last `[B + 1]`; empty where all
  /// is known.
  public let unknownOffsets: [Int]
  /// The labels of which nobody knows whether the row has them, as `labels`: they count nowhere.
  public let unknownLabels: [Int32]

  /// Targets of `offsets.count - 1` rows.
  public init(
    offsets: [Int], labels: [Int32], unknownOffsets: [Int] = [], unknownLabels: [Int32] = []
  ) {
    precondition(offsets.first == 0 && offsets.last == labels.count, "offsets do not fit labels")
    precondition(
      unknownOffsets.isEmpty
        || unknownOffsets.count == offsets.count && unknownOffsets.last == unknownLabels.count,
      "offsets do not fit unknown labels")
    self.offsets = offsets
    self.labels = labels
    self.unknownOffsets = unknownOffsets
    self.unknownLabels = unknownLabels
  }

  /// Targets given row by row.
  public init(rows: [[Int32]], unknown: [[Int32]] = []) {
    func ends(_ lists: [[Int32]]) -> [Int] {
      lists.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    }
    self.init(
      offsets: ends(rows), labels: rows.flatMap { $0.sorted() },
      unknownOffsets: unknown.isEmpty ? [] : ends(unknown),
      unknownLabels: unknown.flatMap { $0.sorted() })
  }

  /// Number of rows, B.
  public var rows: Int { offsets.count - 1 }

  /// The labels of one row.
  public subscript(row: Int) -> ArraySlice<Int32> {
    labels[offsets[row]..<offsets[row + 1]]
  }

  /// The labels of one row that are unknown.
  public func unknown(_ row: Int) -> ArraySlice<Int32> {
    unknownOffsets.isEmpty ? [] : unknownLabels[unknownOffsets[row]..<unknownOffsets[row + 1]]
  }

  /// What is known of one row.
  func row(_ row: Int) -> RowTargets { RowTargets(positives: self[row], unknown: unknown(row)) }
}

/// What is known of the labels of one row; each list ascends.
struct RowTargets {
  /// The labels that it has.
  let positives: ArraySlice<Int32>
  /// The labels of which nobody knows whether it has them.
  let unknown: ArraySlice<Int32>

  /// Whether nothing is known of the row, which then counts nowhere.
  func areUnknown(labels: Int) -> Bool { !unknown.isEmpty && unknown.count == labels }
}
