import Objectives

/// The section `loss`.
public struct LossSettings: Sendable, Equatable {
  /// The loss by its name in `LossRegistry`.
  public var type = "bce"
  /// The loss's own options, complete.
  public var options: [String: Double] = [:]
  /// The weight of each label's positives.
  public var positiveWeight = PositiveWeightSettings(.scheme("none", options: [:]))
  /// ε, the share of each training target that is replaced by the label's frequency.
  public var labelSmoothing = 0.0

  /// The defaults.
  public init() {}
}

extension LossSettings: Settings {
  private static let losses = SettingVariants(
    all: LossRegistry.all.map { ($0.name, $0.options) })

  static let keys: [SettingsKey<Self>] =
    [
      SettingsKey("type", \.type, .choice(of: losses.names))
        .means("The loss.")
    ]
    + SettingsKey.options(of: losses, \.options)
    + [
      SettingsKey("pos_weight", \.positiveWeight, .positiveWeight)
        .means("The weight of each label's positives."),
      SettingsKey("label_smoothing", \.labelSmoothing, .number(.atLeast(0).below(1)))
        .means("The share of each training target that is replaced by the label's frequency."),
    ]

  mutating func finish(_ reader: SettingsReader) {
    options = Self.losses.complete(options, of: type, reader)
  }
}
