/// The best that can be done without reading the texts: the same labels for every row.
public struct ConstantAnswer: Sendable, Equatable {
  /// The labels given to every row.
  public let labels: [Int]

  /// The most frequent labels of the training data, as many as give the largest micro-F1 there.
  public init(training: TrainingCounts) {
    let order = training.positives.indices.sorted {
      (training.positives[$1], $0) < (training.positives[$0], $1)
    }
    let all = training.positives.reduce(0, +)
    var (best, hits) = ((score: 0.0, count: 0), 0)
    for (index, label) in order.enumerated() {
      hits += training.positives[label]
      let score = Self.microF1(hits: hits, decided: (index + 1) * training.rows, positives: all)
      if score > best.score { best = (score, index + 1) }
    }
    labels = Array(order.prefix(best.count))
  }

  /// Micro-F1 of the answer on rows with these counts.
  public func microF1(on counts: TrainingCounts) -> Double {
    Self.microF1(
      hits: labels.reduce(0) { $0 + counts.positives[$1] }, decided: labels.count * counts.rows,
      positives: counts.positives.reduce(0, +))
  }

  /// 2TP / (2TP + FP + FN): what is decided is TP + FP, what is positive TP + FN.
  private static func microF1(hits: Int, decided: Int, positives: Int) -> Double {
    fraction(2 * hits, decided + positives)
  }
}
