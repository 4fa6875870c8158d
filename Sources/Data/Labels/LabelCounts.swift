import Memory

/// How often the labels of a dataset are 1.
public struct LabelCounts: Equatable, Sendable {
  /// Number of rows, n.
  public let rowCount: Int
  /// Rows in which each label is 1, n⁺ⱼ, by label index.
  public let positives: [Int]
  /// Rows without any label.
  public let unlabeledRowCount: Int

  /// Counts the labels of all rows.
  public init(_ dataset: Dataset) {
    var positives = [Int](repeating: 0, count: dataset.labels.count)
    var unlabeled = 0
    dataset.labelIndices.values.withSpan { indices in
      for row in 0..<dataset.rowCount {
        let range = dataset.labelRange(row)
        if range.isEmpty { unlabeled += 1 }
        for index in range { positives[Int(indices[index])] += 1 }
      }
    }
    rowCount = dataset.rowCount
    self.positives = positives
    unlabeledRowCount = unlabeled
  }

  /// Indices of the labels that are never 1.
  public var labelsWithoutPositives: [Int] { positives.indices.filter { positives[$0] == 0 } }

  /// Mean number of labels of a row; 0 without rows.
  public var labelsPerRow: Double {
    Double(positives.reduce(0, +)) / Double(max(rowCount, 1))
  }

  /// How many labels have a number of positives between two bounds.
  public struct Bin: Equatable, Sendable {
    /// The least number of positives.
    public let lower: Int
    /// The greatest, or nil where there is no bound.
    public let upper: Int?
    /// The number of labels.
    public let labelCount: Int

    /// "0", "5–19" or "≥ 500".
    public var name: String {
      guard let upper else { return "≥ \(lower)" }
      return lower == upper ? "\(lower)" : "\(lower)–\(upper)"
    }
  }

  /// The labels by their number of positives, in bins that begin at these bounds, ascending.
  public func histogram(bounds: [Int] = [0, 1, 5, 20, 100, 500]) -> [Bin] {
    bounds.enumerated().map { index, lower in
      let upper = index + 1 < bounds.count ? bounds[index + 1] - 1 : nil
      let count = positives.count { $0 >= lower && $0 <= upper ?? .max }
      return Bin(lower: lower, upper: upper, labelCount: count)
    }
  }
}
