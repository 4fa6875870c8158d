// What a run is to do, as `config.json` says it. Each section owns its keys, their defaults and
// their checks in a file of its own; how a section is read is in Settings.swift.

import Storage

/// A run's configuration, complete and checked.
public struct Configuration: Sendable, Equatable {
  /// The encoder.
  public var model = ModelSettings()
  /// The files.
  public var data = DataSettings()
  /// The loss.
  public var loss = LossSettings()
  /// The step, the optimizer and the schedule.
  public var training = TrainingSettings()
  /// When and how the validation rows are evaluated.
  public var evaluation = EvaluationSettings()
  /// Which model is the best, and when to give up.
  public var earlyStopping = EarlyStoppingSettings()
  /// When the run is saved.
  public var checkpointing = CheckpointSettings()
  /// The directory that the run writes. Required.
  public var outputDirectory = ""

  /// The defaults; encoder, training rows and output directory are not named yet.
  public init() {}
}

extension Configuration: Settings {
  static let keys: [SettingsKey<Self>] = [
    SettingsKey("model", \.model),
    SettingsKey("data", \.data),
    SettingsKey("loss", \.loss),
    SettingsKey("training", \.training),
    SettingsKey("evaluation", \.evaluation),
    SettingsKey("early_stopping", \.earlyStopping),
    SettingsKey("checkpointing", \.checkpointing),
    // A run that was moved as a whole is the same run.
    SettingsKey("output_dir", \.outputDirectory, .text("a directory"), onResume: .harmless),
  ]

  mutating func finish(_ reader: SettingsReader) {
    if !reader.isGiven("output_dir") {
      reader.report("output_dir", "is missing; give the directory that the run writes")
    }
  }
}
