import Memory

/// How often the labels of a dataset are 1.
public struct LabelCounts: Equatable, Sendable {
  /// Number of rows, n.
  public let rowCount: Int
  /// Rows in which each label is 1, n⁺ⱼ, by label index.
  public let positives: [Int]
  /// Rows of which nobody knows whether they have each label, by label index.
  public let unknown: [Int]
  /// Rows that are known to have no label.
  public let unlabeledRowCount: Int

  /// Counts the labels of all rows.
  public init(_ dataset: Dataset) {
    var positives = [Int](repeating: 0, count: dataset.labels.count)
    var unlabeled = 0
    dataset.labelIndices.values.withSpan { indices in
      for row in 0..<dataset.rowCount {
        let range = dataset.labelRange(row)
        if range.isEmpty, dataset.isWhollyKnown(row) { unlabeled += 1 }
        for index in range { positives[Int(indices[index])] += 1 }
      }
    }
    var unknown = [Int](repeating: 0, count: dataset.labels.count)
    if let indices = dataset.unknownIndices {
      for row in 0..<dataset.rowCount {
        for label in indices[dataset.storedRow(row)].array { unknown[Int(label)] += 1 }
      }
    }
    self.unknown = unknown
    rowCount = dataset.rowCount
    self.positives = positives
    unlabeledRowCount = unlabeled
  }

  /// Indices of the labels that are never 1.
  public var labelsWithoutPositives: [Int] { positives.indices.filter { positives[$0] == 0 } }

  /// Rows of which it is known whether they have a label, n⁺ⱼ + n⁻ⱼ.
  public func known(_ label: Int) -> Int { rowCount - unknown[label] }

  /// Cells, rows × labels, of which nothing is known.
  public var unknownCellCount: Int { unknown.reduce(0, +) }

  /// The share of the cells of which nothing is known; 0 without cells.
  public var unknownShare: Double {
    Double(unknownCellCount) / Double(max(rowCount * unknown.count, 1))
  }

  /// Indices of the labels of which nothing is known in any row.
  public var labelsWithoutKnownRows: [Int] {
    rowCount == 0 ? [] : unknown.indices.filter { unknown[$0] == rowCount }
  }

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
