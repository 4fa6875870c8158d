extension PositiveWeightScheme {
  /// scale / √(temperature · n⁺), with 70 and 0.16 where the config is silent.
  static let inverseSquareRoot = PositiveWeightScheme(
    name: "inverse_sqrt",
    options: [
      NumericOption("temperature", 0.16, in: 1e-12...1e12),
      NumericOption("scale", 70, in: 1e-12...1e12),
    ]
  ) { counts, options in
    counts.positives.map {
      options["scale"] / (options["temperature"] * Double(max($0, 1))).squareRoot()
    }
  }
}
