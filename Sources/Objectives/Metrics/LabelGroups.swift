/// Labels grouped by how often the training data have them.
public struct LabelGroups: Sendable, Equatable {
  /// A group with its name in the metrics and its labels.
  public struct Group: Sendable, Equatable {
    /// "head", "mid" or "tail".
    public let name: String
    /// Label indices, ascending.
    public let labels: [Int]
  }

  /// The groups that have labels, most frequent first.
  public let all: [Group]

  /// No groups.
  static let none = LabelGroups(counts: TrainingCounts(rows: 0, positives: []))

  /// Head: at least 100 training positives. Mid: 20 to 99. Tail: fewer than 20, also none.
  public init(counts: TrainingCounts) {
    let bounds = [("head", 100...Int.max), ("mid", 20...99), ("tail", 0...19)]
    all = bounds.map { name, range in
      Group(
        name: name,
        labels: counts.positives.indices.filter { range.contains(counts.positives[$0]) })
    }.filter { !$0.labels.isEmpty }
  }
}
