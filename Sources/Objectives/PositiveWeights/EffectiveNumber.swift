import Foundation

extension PositiveWeightScheme {
  /// (1 - β)/(1 - β^n⁺), scaled to mean 1 over the labels: Cui et al., "Class-Balanced Loss Based
  /// on Effective Number of Samples" (2019).
  static let effectiveNumber = PositiveWeightScheme(
    name: "effective_number", options: [NumericOption("beta", 0.9999, in: 0...0.999999999)]
  ) { counts, options in effectiveNumberWeights(counts, beta: options["beta"]) }
}

/// (1 - β)/(1 - β^n⁺) for each label, scaled to mean 1; n⁺ is taken as at least 1.
func effectiveNumberWeights(_ counts: TrainingCounts, beta: Double) -> [Double] {
  let raw = counts.positives.map { (1 - beta) / (1 - pow(beta, Double(max($0, 1)))) }
  let mean = raw.reduce(0, +) / Double(max(raw.count, 1))
  return raw.map { $0 / mean }
}
