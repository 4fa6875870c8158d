import Memory

/// Labels that almost the same rows have, so that one of them would do.
public enum LabelTwins {
  /// Two labels, and the rows that have them.
  public struct Pair: Equatable, Sendable {
    /// Indices of the labels, ascending.
    public let first, second: Int
    /// Rows with both.
    public let shared: Int
    /// Rows with at least one of them.
    public let either: Int
  }

  /// Shared rows over rows with either: the Jaccard index from which labels are twins.
  private static let leastShare = 0.95
  /// Labels of fewer rows are alike by chance.
  private static let fewestRows = 10
  /// Hashes of each label's rows. A pair of twins has at least one in common, but for a chance
  /// below 1e-20.
  private static let hashes = 16
  /// Labels with the same hash that each label is compared with.
  private static let neighbors = 8

  /// All pairs of twins, those with the most rows first.
  public static func pairs(in dataset: Dataset) -> [Pair] {
    let positives = LabelCounts(dataset).positives
    let candidates = candidates(minimumHashes(of: dataset), positives)
    let wanted = Set(candidates.flatMap { [$0.first, $0.second] })
    var rows: [Int: [Int]] = [:]
    forEachLabel(of: dataset) { row, label in
      if wanted.contains(label) { rows[label, default: []].append(row) }
    }
    return candidates.compactMap { pair -> Pair? in
      let shared = countShared(rows[pair.first] ?? [], rows[pair.second] ?? [])
      let either = positives[pair.first] + positives[pair.second] - shared
      guard Double(shared) >= leastShare * Double(either) else { return nil }
      return Pair(first: pair.first, second: pair.second, shared: shared, either: either)
    }.sorted { ($1.either, $0.first, $0.second) < ($0.either, $1.first, $1.second) }
  }

  private static func forEachLabel(of dataset: Dataset, _ body: (_ row: Int, _ label: Int) -> Void)
  {
    dataset.labelIndices.values.withSpan { labels in
      for row in 0..<dataset.rowCount {
        for place in dataset.labelRange(row) { body(row, Int(labels[place])) }
      }
    }
  }

  /// For each label the smallest of its rows' numbers under each of several random orders: two
  /// labels agree in one with a chance that is their Jaccard index (Broder 1997). `[hashes][L]`
  private static func minimumHashes(of dataset: Dataset) -> [[UInt64]] {
    let seeds = (0..<hashes).map { Fingerprint.mix(Fingerprint.start, UInt64($0)) }
    var minima = seeds.map { _ in [UInt64](repeating: .max, count: dataset.labels.count) }
    for (index, seed) in seeds.enumerated() {
      forEachLabel(of: dataset) { row, label in
        let hash = Fingerprint.mix(seed, UInt64(row))
        if hash < minima[index][label] { minima[index][label] = hash }
      }
    }
    return minima
  }

  private struct Candidate: Hashable {
    let first, second: Int
  }

  private static func candidates(_ minima: [[UInt64]], _ positives: [Int]) -> Set<Candidate> {
    let labels = positives.indices.filter { positives[$0] >= fewestRows }
    var found: Set<Candidate> = []
    for minimum in minima {
      var buckets: [UInt64: [Int]] = [:]
      for label in labels { buckets[minimum[label], default: []].append(label) }
      for bucket in buckets.values {
        for (place, label) in bucket.enumerated() {
          for other in bucket[max(0, place - neighbors)..<place]
          where isAlike(positives[label], positives[other]) {
            found.insert(Candidate(first: other, second: label))
          }
        }
      }
    }
    return found
  }

  /// Whether labels of so many rows can be twins.
  private static func isAlike(_ count: Int, _ other: Int) -> Bool {
    Double(min(count, other)) >= leastShare * Double(max(count, other))
  }

  /// Rows in both of two ascending lists.
  private static func countShared(_ rows: [Int], _ others: [Int]) -> Int {
    var (place, other, count) = (0, 0, 0)
    while place < rows.count, other < others.count {
      if rows[place] == others[other] { count += 1 }
      let step = rows[place]
      if step <= others[other] { place += 1 }
      if step >= others[other] { other += 1 }
    }
    return count
  }
}
