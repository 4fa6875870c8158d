/// What losses, weights and the prior bias know of the training data.
public struct TrainingCounts: Sendable, Equatable {
  /// Rows of the training data, n.
  public let rows: Int
  /// Rows that carry the label, n⁺, for each label.
  public let positives: [Int]

  /// Counts of `rows` rows.
  public init(rows: Int, positives: [Int]) {
    precondition(positives.allSatisfy { (0...max(rows, 0)).contains($0) }, "more labels than rows")
    self.rows = rows
    self.positives = positives
  }

  /// Number of labels, L.
  public var labels: Int { positives.count }

  /// log((n⁺ + ½) / (n⁻ + ½)): the smoothed log odds of a label.
  public func logOdds(_ label: Int) -> Double {
    logarithm((Double(positives[label]) + 0.5) / (Double(rows - positives[label]) + 0.5))
  }
}
