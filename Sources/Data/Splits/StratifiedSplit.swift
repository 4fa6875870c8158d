// Iterative stratification of multi-label data: Sechidis, Tsoumakas and Vlahavas, "On the
// Stratification of Multi-Label Data" (ECML PKDD 2011), with groups of rows in place of single
// rows.

import Memory

/// Divides groups of rows so that each part has its share of the positives of every label.
///
/// The label with the fewest rows that are left is taken first. Each of its groups goes to the part
/// that still wants the most rows of this label; among equals, to the part that wants the most
/// rows. The work is proportional to the number of positives.
struct StratifiedSplit {
  private static let partCount = 3

  /// The rows of each group, and the labels of its rows, repeated where several rows have one.
  private let groups: [[Int]]
  private let labels: [[Int32]]
  /// Rows that a part still wants `[parts]`, and of each label `[parts, L]`.
  private var wanted: [Double]
  private var wantedOfLabel: [[Double]]
  /// The part of each group; -1 while it has none.
  private var part: [Int]

  /// The rows of each part.
  private(set) var split: DataSplit

  init(_ dataset: Dataset, _ fractions: SplitFractions, seed: UInt64) {
    groups = Self.groups(of: dataset, seed: seed)
    labels = groups.map { rows in rows.flatMap { dataset.labelIndices($0) } }
    let shares = [
      1 - fractions.validation - fractions.test, fractions.validation, fractions.test,
    ]
    wanted = shares.map { $0 * Double(dataset.rowCount) }
    var positives = [Double](repeating: 0, count: dataset.labels.count)
    for label in labels.joined() { positives[Int(label)] += 1 }
    wantedOfLabel = shares.map { share in positives.map { share * $0 } }
    part = [Int](repeating: -1, count: groups.count)
    split = DataSplit(training: [], validation: [], test: [])
    assignByLabel(positives.map { Int($0) })
    for group in groups.indices where part[group] < 0 { assign(group, label: nil) }
    fillEmptyParts(shares)
    let rows = (0..<Self.partCount).map { wantedPart in
      groups.indices.filter { part[$0] == wantedPart }.flatMap { groups[$0] }.sorted()
    }
    split = DataSplit(training: rows[0], validation: rows[1], test: rows[2])
  }

  /// Rows of one group in a random order of the groups.
  private static func groups(of dataset: Dataset, seed: UInt64) -> [[Int]] {
    var index: [UInt64: Int] = [:]
    var groups: [[Int]] = []
    for row in 0..<dataset.rowCount {
      let key = dataset.stored.splitKeys.groups[dataset.storedRow(row)]
      if let group = index[key] {
        groups[group].append(row)
      } else {
        index[key] = groups.count
        groups.append([row])
      }
    }
    let draws = groups.map { rows in
      var stream = SplitMix64(seed: seed, stream: RandomStream.split, index: UInt64(rows[0]))
      return stream.next()
    }
    return groups.indices.sorted { (draws[$0], $0) < (draws[$1], $1) }.map { groups[$0] }
  }

  /// Assigns all groups that have labels, the rarest label first.
  private mutating func assignByLabel(_ positives: [Int]) {
    var groupsOfLabel = [[Int]](repeating: [], count: positives.count)
    for (group, labels) in labels.enumerated() {
      for label in labels where groupsOfLabel[Int(label)].last != group {
        groupsOfLabel[Int(label)].append(group)
      }
    }
    var queue = RarestLabels(positives)
    while let label = queue.next() {
      for group in groupsOfLabel[label] where part[group] < 0 {
        assign(group, label: label)
        for other in labels[group] { queue.remove(oneRowOf: Int(other)) }
      }
    }
  }

  private mutating func assign(_ group: Int, label: Int?) {
    func rank(_ part: Int) -> (Double, Double) {
      (label.map { wantedOfLabel[part][$0] } ?? wanted[part], wanted[part])
    }
    var best = 0
    for candidate in 1..<Self.partCount where rank(candidate) > rank(best) { best = candidate }
    part[group] = best
    wanted[best] -= Double(groups[group].count)
    for label in labels[group] { wantedOfLabel[best][Int(label)] -= 1 }
  }

  /// Gives a part that was asked for and got nothing a group of the training rows, if they have
  /// two.
  private mutating func fillEmptyParts(_ shares: [Double]) {
    for empty in 1..<Self.partCount where shares[empty] > 0 && !part.contains(empty) {
      let training = part.indices.filter { part[$0] == 0 }
      if training.count > 1, let last = training.last { part[last] = empty }
    }
  }
}

/// Labels by the number of their rows that are left, the fewest first.
private struct RarestLabels {
  private var remaining: [Int]
  /// Labels that once had so many rows. What has changed since is passed over.
  private var buckets: [[Int]]
  private var lowest = 1

  init(_ positives: [Int]) {
    remaining = positives
    buckets = [[Int]](repeating: [], count: (positives.max() ?? 0) + 1)
    for label in positives.indices.reversed() { buckets[positives[label]].append(label) }
  }

  /// A label with the fewest rows, but one at least; nil where no rows are left.
  mutating func next() -> Int? {
    while lowest < buckets.count {
      guard let label = buckets[lowest].popLast() else {
        lowest += 1
        continue
      }
      if remaining[label] == lowest { return label }
    }
    return nil
  }

  mutating func remove(oneRowOf label: Int) {
    remaining[label] -= 1
    guard remaining[label] > 0 else { return }
    buckets[remaining[label]].append(label)
    lowest = min(lowest, remaining[label])
  }
}
