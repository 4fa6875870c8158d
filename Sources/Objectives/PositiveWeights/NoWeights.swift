extension PositiveWeightScheme {
  /// 1 for every label.
  static let none = PositiveWeightScheme(name: "none", options: []) { counts, _ in
    counts.positives.map { _ in 1 }
  }
}
