// What the positive part of each label's loss is multiplied by. A new scheme is a file beside this
// one and a line in `PositiveWeighting.all`.

/// A named formula for the weights, from the training counts alone.
public struct PositiveWeightScheme: Sendable {
  /// `loss.pos_weight.scheme` in the config.
  public let name: String
  /// The keys that it takes beside `scheme`, `min` and `max`.
  public let options: [NumericOption]
  /// The weights `[L]` before clamping. Labels without positives are counted as having one.
  let weights: @Sendable (TrainingCounts, OptionValues) -> [Double]
}

/// `loss.pos_weight` of the config.
public struct PositiveWeighting: Sendable {
  /// Where weights come from.
  public enum Source: Sendable, Equatable {
    /// The same for all labels; 1 is no weighting.
    case number(Double)
    /// A scheme of `all` with its options.
    case scheme(String, options: [String: Double])
    /// Read from a file: label → weight.
    case table([String: Double])
  }

  /// All schemes, the default first.
  public static let all: [PositiveWeightScheme] = [
    .inverseSquareRoot, .negativesOverPositives, .squareRootOfNegativesOverPositives,
    .effectiveNumber, .none,
  ]

  /// Where the weights come from.
  public var source: Source
  /// Weights below it are raised to it.
  public var minimum: Double?
  /// Weights above it are lowered to it.
  public var maximum: Double?

  /// A weighting, with clamps that come last.
  public init(_ source: Source, minimum: Double? = nil, maximum: Double? = nil) {
    self.source = source
    self.minimum = minimum
    self.maximum = maximum
  }

  /// Checks names and numbers without data. Throws `ObjectiveError`.
  public func validate() throws {
    let positive = Double.leastNonzeroMagnitude...1e30
    for (key, value) in [("min", minimum), ("max", maximum)] {
      guard let value, !positive.contains(value) else { continue }
      throw ObjectiveError.optionOutOfRange(
        key: "loss.pos_weight.\(key)", value: value, range: positive)
    }
    if let minimum, let maximum, minimum > maximum {
      throw ObjectiveError.clampsCross(minimum: minimum, maximum: maximum)
    }
    switch source {
    case .number(let value):
      guard positive.contains(value) else {
        throw ObjectiveError.optionOutOfRange(
          key: "loss.pos_weight", value: value, range: positive)
      }
    case .scheme(let name, let options): _ = try resolve(name, options)
    case .table(let table):
      for (label, value) in table.sorted(by: { $0.key < $1.key })
      where !positive.contains(value) {
        throw ObjectiveError.invalidWeight(label: label, value: value)
      }
    }
  }

  /// The weights of all labels, `[L]`. Throws `ObjectiveError`.
  public func weights(counts: TrainingCounts, labels: [String]) throws -> [Float] {
    precondition(counts.labels == labels.count)
    try validate()
    let values: [Double]
    switch source {
    case .number(let value): values = labels.map { _ in value }
    case .scheme(let name, let options):
      let (scheme, options) = try resolve(name, options)
      values = scheme.weights(counts, options)
    case .table(let table): values = try lookUp(labels, in: table)
    }
    return values.map { Float(min(max($0, minimum ?? 0), maximum ?? .infinity)) }
  }

  private func resolve(
    _ name: String, _ options: [String: Double]
  ) throws -> (PositiveWeightScheme, OptionValues) {
    guard let scheme = Self.all.first(where: { $0.name == name }) else {
      throw ObjectiveError.unknownName(
        key: "loss.pos_weight.scheme", name: name, known: Self.all.map(\.name))
    }
    let key = "loss.pos_weight (scheme \(name))"
    return (scheme, try OptionValues(options, of: scheme.options, key: key))
  }

  private func lookUp(_ labels: [String], in table: [String: Double]) throws -> [Double] {
    let missing = labels.filter { table[$0] == nil }
    guard missing.isEmpty else {
      throw ObjectiveError.missingWeights(first: Array(missing.prefix(3)), count: missing.count)
    }
    let unknown = Set(table.keys).subtracting(labels).sorted()
    guard unknown.isEmpty else {
      throw ObjectiveError.unknownWeights(first: Array(unknown.prefix(3)), count: unknown.count)
    }
    return labels.compactMap { table[$0] }
  }
}
