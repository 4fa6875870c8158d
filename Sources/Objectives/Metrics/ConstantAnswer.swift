/// The best that can be done without reading the texts: the same labels for every row.
public struct ConstantAnswer: Sendable, Equatable {
  /// The labels given to every row.
  public let labels: [Int]

  /// The most frequent labels of the training data, among the rows of which each is known, as many
  /// as give the largest micro-F1 there.
  public init(training: TrainingCounts) {
    // n⁺/n of two labels, compared without rounding.
    func scaled(_ label: Int, by other: Int) -> Int {
      training.positives[label] * max(training.known[other], 1)
    }
    let order = training.positives.indices.sorted {
      (scaled($1, by: $0), $0) < (scaled($0, by: $1), $1)
    }
    let all = training.positives.reduce(0, +)
    var (best, hits, decided) = ((score: 0.0, count: 0), 0, 0)
    for (index, label) in order.enumerated() {
      hits += training.positives[label]
      decided += training.known[label]
      let score = Self.microF1(hits: hits, decided: decided, positives: all)
      if score > best.score { best = (score, index + 1) }
    }
    labels = Array(order.prefix(best.count))
  }

  /// Micro-F1 of the answer on rows with these counts.
  public func microF1(on counts: TrainingCounts) -> Double {
    Self.microF1(
      hits: labels.reduce(0) { $0 + counts.positives[$1] },
      decided: labels.reduce(0) { $0 + counts.known[$1] },
      positives: counts.positives.reduce(0, +))
  }

  /// 2TP / (2TP + FP + FN): what is decided is TP + FP, what is positive TP + FN.
  private static func microF1(hits: Int, decided: Int, positives: Int) -> Double {
    fraction(2 * hits, decided + positives)
  }
}
