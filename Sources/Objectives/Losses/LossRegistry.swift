// The losses that a config can name. A new one is a file in Losses and a line in `all`.

/// What a loss is made from.
public struct LossContext: Sendable {
  /// Counts of the training data.
  public let counts: TrainingCounts
  /// p of each label, `[L]`.
  public let positiveWeights: [Float]
  /// The loss's own options, complete.
  public let options: OptionValues
}

/// One loss of the registry.
public struct LossDescription: Sendable {
  /// `loss.type` in the config.
  public let name: String
  /// The keys that it takes beside `type` and `pos_weight`.
  public let options: [NumericOption]
  let make: @Sendable (LossContext) -> any Loss

  init(
    name: String, options: [NumericOption] = [],
    make: @escaping @Sendable (LossContext) -> any Loss
  ) {
    self.name = name
    self.options = options
    self.make = make
  }
}

/// The losses by name.
public enum LossRegistry {
  /// All losses, the default first.
  public static let all: [LossDescription] = [
    BinaryCrossEntropy.entry,
    FocalLoss.entry,
    AsymmetricLoss.entry,
    DistributionBalancedLoss.entry,
    ClassBalancedLoss.entry,
    LogitAdjustedLoss.entry,
    SquaredHinge.entry,
  ]

  /// The description of a loss. Throws `ObjectiveError.unknownName`.
  public static func description(of name: String) throws -> LossDescription {
    guard let found = all.first(where: { $0.name == name }) else {
      throw ObjectiveError.unknownName(key: "loss.type", name: name, known: all.map(\.name))
    }
    return found
  }

  /// The loss `name` for the given training data. Throws `ObjectiveError` for unknown names and
  /// options and for options out of range.
  public static func make(
    _ name: String, options: [String: Double] = [:], counts: TrainingCounts,
    positiveWeights: [Float]
  ) throws -> any Loss {
    precondition(positiveWeights.count == counts.labels)
    let entry = try description(of: name)
    let values = try OptionValues(options, of: entry.options, key: "loss (type \(name))")
    return entry.make(
      LossContext(counts: counts, positiveWeights: positiveWeights, options: values))
  }
}
