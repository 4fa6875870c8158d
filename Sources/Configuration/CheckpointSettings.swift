/// The section `checkpointing`: when the run is saved so that it can be resumed.
public struct CheckpointSettings: Sendable, Equatable {
  /// When a checkpoint is saved.
  public var strategy = IntervalStrategy.epoch
  /// Steps between two checkpoints, if `strategy` is `steps`.
  public var steps: Int?
  /// Besides, a checkpoint is saved when the last one is this old, in minutes; nil never.
  public var minutes: Double?
  /// How many checkpoints are kept; nil keeps all.
  public var totalLimit: Int? = 2

  /// The defaults.
  public init() {}
}

extension CheckpointSettings: Settings {
  static let keys: [SettingsKey<Self>] = [
    SettingsKey("save_strategy", \.strategy, .choice, onResume: .harmless)
      .means("When a checkpoint is saved."),
    SettingsKey("save_steps", \.steps, orNull: .integer(.atLeast(1)), onResume: .harmless)
      .means("Steps between two checkpoints, for save_strategy \"steps\"."),
    SettingsKey(
      "save_minutes", \.minutes, orNull: .amount(.above(0).atMost(1_000_000)), onResume: .harmless
    )
    .means("A checkpoint is also saved when the last one is this old."),
    SettingsKey(
      "save_total_limit", \.totalLimit,
      orNull: .integer(.atLeast(1), because: "null keeps all"), onResume: .harmless
    )
    .means("How many checkpoints are kept."),
  ]

  mutating func finish(_ reader: SettingsReader) {
    if strategy == .steps, steps == nil {
      reader.report("save_steps", "is missing; save_strategy \"steps\" needs it")
    }
  }
}
