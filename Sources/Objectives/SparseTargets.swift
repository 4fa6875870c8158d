/// The true labels of some rows: row i has `labels[offsets[i]..<offsets[i + 1]]`, each label at
/// most once, ascending.
public struct SparseTargets: Sendable, Equatable {
  /// Where each row begins, and the end of the last: `[B + 1]`.
  public let offsets: [Int]
  /// Label indices, row after row.
  public let labels: [Int32]

  /// Targets of `offsets.count - 1` rows.
  public init(offsets: [Int], labels: [Int32]) {
    precondition(offsets.first == 0 && offsets.last == labels.count, "offsets do not fit labels")
    self.offsets = offsets
    self.labels = labels
  }

  /// Targets given row by row.
  public init(rows: [[Int32]]) {
    offsets = rows.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    labels = rows.flatMap { $0.sorted() }
  }

  /// Number of rows, B.
  public var rows: Int { offsets.count - 1 }

  /// The labels of one row.
  public subscript(row: Int) -> ArraySlice<Int32> {
    labels[offsets[row]..<offsets[row + 1]]
  }
}
