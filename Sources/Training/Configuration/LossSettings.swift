/// The section `loss`.
public struct LossSettings: Sendable, Equatable {
  /// A loss by its name in the configuration.
  public enum Kind: String, Sendable, CaseIterable {
    /// Binary cross-entropy, the mean over rows × labels.
    case bce
  }

  /// Which loss.
  public var type = Kind.bce
  /// The weight of each label's positives.
  public var positiveWeight = PositiveWeightSettings()

  /// The defaults.
  public init() {}
}

extension LossSettings: Settings {
  static let keys: [SettingsKey<Self>] = [
    SettingsKey("type", \.type, .choice),
    SettingsKey("pos_weight", \.positiveWeight, .positiveWeight),
  ]
}
