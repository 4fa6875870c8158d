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
  /// What shows the run besides its own files.
  public var reportTargets: [ReportTarget] = []
  /// The directory that the run writes. Required.
  public var outputDirectory = ""

  /// The defaults; encoder, training rows and output directory are not named yet.
  public init() {}
}

extension Configuration: Settings {
  static let keys: [SettingsKey<Self>] = [
    SettingsKey("model", \.model)
      .means("The model."),
    SettingsKey("data", \.data)
      .means("The files, and what their columns are."),
    SettingsKey("loss", \.loss)
      .means("What is minimized."),
    SettingsKey("training", \.training)
      .means("The step, the optimizer and the schedule."),
    SettingsKey("evaluation", \.evaluation)
      .means("When and how the validation rows are evaluated."),
    SettingsKey("early_stopping", \.earlyStopping)
      .means("Which model is the best, and when to stop. null never stops early."),
    SettingsKey("checkpointing", \.checkpointing)
      .means("When the run is saved so that it can be resumed."),
    SettingsKey("report_to", \.reportTargets, .targets, onResume: .harmless)
      .means("What shows the run besides its own files."),
    // A run that was moved as a whole is the same run.
    SettingsKey("output_dir", \.outputDirectory, .text("a directory"), onResume: .harmless)
      .means("The directory that the run writes. Required."),
  ]

  mutating func finish(_ reader: SettingsReader) {
    if model.kind == .linear { takeLinearDefaults(reader) }
    model.linear.complete(loss: loss, reader, key: "model.linear")
    model.tfidf?.complete(loss: loss, reader, key: "model.tfidf")
    checkTFIDF(reader)
    if !reader.isGiven("output_dir") {
      reader.report("output_dir", "is missing; give the directory that the run writes")
    }
  }

  /// What suits a linear model if the file says nothing: LIBLINEAR's loss, and no checkpoint
  /// after each epoch, which would take longer than the epoch.
  private mutating func takeLinearDefaults(_ reader: SettingsReader) {
    func isGiven(_ section: String, _ key: String) -> Bool {
      reader.given(section)?[key] != nil
    }
    if !isGiven("loss", "type") {
      loss.type = "squared_hinge"
      loss.options = ["margin": 1]
    }
    // Ranges of ±8 make probabilities that can be told apart, as thresholds need them.
    if loss.type == "squared_hinge", !isGiven("loss", "margin") { loss.options["margin"] = 8 }
    if !isGiven("training", "num_train_epochs") { training.epochs = 5 }
    if !isGiven("training", "classifier_learning_rate") { training.classifierLearningRate = 5e-3 }
    if !isGiven("training", "logging_steps") { training.loggingSteps = 100 }
    if !isGiven("checkpointing", "save_strategy") {
      checkpointing.strategy = .no
      if !isGiven("checkpointing", "save_minutes") { checkpointing.minutes = 5 }
    }
  }

  /// Reports keys that a linear part, or a linear model, has no use for.
  private func checkTFIDF(_ reader: SettingsReader) {
    guard model.tfidfSettings != nil else { return }
    if training.averageDecay != nil {
      reader.report(
        "training.ema_decay", "does not average the weights of a linear part: leave it out")
    }
    guard model.kind == .linear else { return }
    if training.freezing != .nothing {
      reader.report("training.freeze_encoder", "a linear model has no encoder: leave it out")
    }
    if training.layerwiseDecay != 1 {
      reader.report("training.layerwise_lr_decay", "a linear model has no layers: leave it out")
    }
    if training.precision == .bf16 {
      reader.report(
        "training.precision",
        "is that of matrix products, of which a linear model has none: leave it out")
    }
  }
}
