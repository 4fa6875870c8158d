extension PositiveWeightScheme {
  /// n⁻ / n⁺: positives and negatives of a label count alike. n⁻ is taken as at least 1 too, so
  /// that a label that every row carries keeps a weight.
  static let negativesOverPositives = PositiveWeightScheme(name: "neg_pos", options: []) {
    counts, _ in
    zip(counts.known, counts.positives).map(ratio)
  }

  /// √(n⁻ / n⁺), half way between `neg_pos` and none.
  static let squareRootOfNegativesOverPositives = PositiveWeightScheme(
    name: "sqrt_neg_pos", options: []
  ) { counts, _ in
    zip(counts.known, counts.positives).map { ratio(known: $0, positives: $1).squareRoot() }
  }

  private static func ratio(known: Int, positives: Int) -> Double {
    let counted = max(positives, 1)
    return Double(max(known - counted, 1)) / Double(counted)
  }
}
