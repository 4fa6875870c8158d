extension PositiveWeightScheme {
  /// n⁻ / n⁺: positives and negatives of a label count alike. n⁻ is taken as at least 1 too, so
  /// that a label that every row carries keeps a weight.
  static let negativesOverPositives = PositiveWeightScheme(name: "neg_pos", options: []) {
    counts, _ in
    counts.positives.map { ratio(rows: counts.rows, positives: $0) }
  }

  /// √(n⁻ / n⁺), half way between `neg_pos` and none.
  static let squareRootOfNegativesOverPositives = PositiveWeightScheme(
    name: "sqrt_neg_pos", options: []
  ) { counts, _ in
    counts.positives.map { ratio(rows: counts.rows, positives: $0).squareRoot() }
  }

  private static func ratio(rows: Int, positives: Int) -> Double {
    let counted = max(positives, 1)
    return Double(max(rows - counted, 1)) / Double(counted)
  }
}
