/// What losses, weights and the prior bias know of the training data.
public struct TrainingCounts: Sendable, Equatable {
  /// Rows of the training data, n.
  public let rows: Int
  /// Rows that carry the label, n⁺, for each label.
  public let positives: [Int]
  /// Rows of which it is known whether they carry the label, nⱼ = n⁺ + n⁻, for each label; n where
  /// no cell is unknown.
  public let known: [Int]

  /// Counts of `rows` rows.
  /// - Parameter known: nil where all cells are known.
  public init(rows: Int, positives: [Int], known: [Int]? = nil) {
    let known = known ?? positives.map { _ in rows }
    precondition(
      known.count == positives.count && known.allSatisfy { $0 <= max(rows, 0) }
        && zip(positives, known).allSatisfy { (0...max($1, 0)).contains($0) },
      "more labels than rows")
    self.rows = rows
    self.positives = positives
    self.known = known
  }

  /// Number of labels, L.
  public var labels: Int { positives.count }

  /// Rows that are known not to carry the label, n⁻.
  public func negatives(_ label: Int) -> Int { known[label] - positives[label] }

  /// Whether a cell is unknown.
  public var hasUnknownCells: Bool { known.contains { $0 != rows } }

  /// log((n⁺ + ½) / (n⁻ + ½)): the smoothed log odds of a label.
  public func logOdds(_ label: Int) -> Double {
    logarithm((Double(positives[label]) + 0.5) / (Double(negatives(label)) + 0.5))
  }
}
