/// Labels grouped by how often the training data have them.
public struct LabelGroups: Sendable, Equatable {
  /// How often the training data have a label.
  public enum Frequency: String, Sendable, CaseIterable {
    case frequent, medium, rare

    /// Training positives of its labels.
    var positives: ClosedRange<Int> {
      switch self {
      case .frequent: 100...Int.max
      case .medium: 20...99
      case .rare: 0...19
      }
    }

    /// The mean F1 of its labels, at 0.5.
    public var f1: MetricName { MetricName("\(rawValue)_f1") }
  }

  /// A group and its labels.
  public struct Group: Sendable, Equatable {
    /// How often its labels occur.
    public let frequency: Frequency
    /// Label indices, ascending.
    public let labels: [Int]
    var f1: MetricName { frequency.f1 }
  }

  /// The groups that have labels, most frequent first.
  public let all: [Group]

  /// No groups.
  static let none = LabelGroups(counts: TrainingCounts(rows: 0, positives: []))

  /// The labels of these training counts.
  public init(counts: TrainingCounts) {
    all = Frequency.allCases.map { frequency in
      Group(
        frequency: frequency,
        labels: counts.positives.indices.filter {
          frequency.positives.contains(counts.positives[$0])
        })
    }.filter { !$0.labels.isEmpty }
  }
}
