import Models

/// The section `training`: the step, the optimizer and the schedule.
public struct TrainingSettings: Sendable, Equatable {
  /// How the learning rate goes after the warm-up, by its Hugging Face name.
  public enum SchedulerType: String, Sendable, CaseIterable {
    /// Falls to 0 in a straight line.
    case linear
    /// Falls to 0 along half a cosine.
    case cosine
    /// Stays as it is.
    case constantWithWarmup = "constant_with_warmup"
    /// Stays as it is, from the first step on.
    case constant
  }

  /// In what precision matrix products are computed. Everything else is single precision.
  public enum Precision: String, Sendable, CaseIterable {
    /// The faster of the two as measured at the start of a run. The run's config holds the choice.
    case auto
    /// Single precision.
    case fp32
    /// bfloat16 factors, sums in single precision.
    case bf16
  }

  /// What is done about a step whose loss or gradient is not finite.
  public enum OnDivergence: String, Sendable, CaseIterable {
    /// The run ends; the checkpoints stay.
    case stop
    /// The step updates nothing, and the run goes on, a limited number of times.
    case skip
  }

  /// How often the training rows are gone through; a fraction ends within an epoch.
  public var epochs = 3.0
  /// Rows of a step, over all ranks.
  public var batchSize = 64
  /// Into how many pieces a step is cut; the number of ranks divides it. The rounding of the result
  /// depends on it, and on nothing that has to do with the ranks.
  public var microbatches = 8
  /// Highest learning rate of all but the classifier.
  public var learningRate = 1e-4
  /// Highest learning rate of the classifier.
  public var classifierLearningRate = 5e-3
  /// Highest learning rate of a label-attention head's attention; nil stands for
  /// ten times `learningRate`.
  public var labelAttentionLearningRate: Double?
  /// AdamW's λ. Biases and LayerNorm have none.
  public var weightDecay = 0.01
  /// AdamW's β₁.
  public var adamBeta1 = 0.9
  /// AdamW's β₂.
  public var adamBeta2 = 0.999
  /// AdamW's ε.
  public var adamEpsilon = 1e-8
  /// How the learning rate goes after the warm-up.
  public var schedule = SchedulerType.linear
  /// The share of all steps in which the learning rate rises from 0.
  public var warmupRatio = 0.06
  /// The gradient's norm is clipped to this; 0 switches clipping off.
  public var maxGradientNorm = 1.0
  /// In what precision matrix products are computed.
  public var precision = Precision.auto
  /// The key of all randomness: data order, dropout, new weights, the validation split.
  public var seed = 42
  /// Steps between two lines of the log.
  public var loggingSteps = 10
  /// Seconds that a rank waits for others before it asks whether they are alive.
  public var ddpTimeout = 1800.0
  /// What is done about a step whose loss or gradient is not finite.
  public var onDivergence = OnDivergence.stop
  /// Steps that may be skipped in a run.
  public var maxSkippedSteps = 10
  /// The run ends after so many steps, and the schedule ends with it; nil leaves it to `epochs`.
  public var maxSteps: Int?
  /// ξ, by which the learning rate of each layer is smaller than that of the layer above it; 1
  /// leaves them equal.
  public var layerwiseDecay = 1.0
  /// Which part of the encoder keeps its weights.
  public var freezing = EncoderFreezing.nothing
  /// d of the moving average of the weights that is evaluated and saved as the best model; nil
  /// keeps the weights as they are.
  public var averageDecay: Double?

  /// The defaults.
  public init() {}

  /// The rate that `labelAttentionLearningRate` stands for.
  public var labelAttentionRate: Double { labelAttentionLearningRate ?? 10 * learningRate }

  /// The steps of the whole run, for an epoch of `stepsPerEpoch` steps: ⌈epochs · stepsPerEpoch⌉,
  /// at most `maxSteps`.
  public func totalSteps(stepsPerEpoch: Int) -> Int {
    // An epoch count beyond what an Int holds is a run that only early stopping ends.
    let steps = min((epochs * Double(stepsPerEpoch)).rounded(.up), 0x1p62)
    return min(Int(steps), maxSteps ?? .max)
  }

  /// The steps of the warm-up in a run of `totalSteps` steps: ⌈warmupRatio · totalSteps⌉.
  public func warmupSteps(totalSteps: Int) -> Int {
    Int((warmupRatio * Double(totalSteps)).rounded(.up))
  }
}

extension TrainingSettings: Settings {
  static let keys: [SettingsKey<Self>] = [
    // A longer or shorter run is what a user resumes for: the steps done stay as they are, and the
    // rest of the schedule is stretched or shortened, as in the Hugging Face `Trainer`.
    SettingsKey("num_train_epochs", \.epochs, .amount(.above(0)), onResume: .harmless)
      .means("How often the training rows are gone through."),
    SettingsKey("train_batch_size", \.batchSize, .integer(.atLeast(1).atMost(1_048_576)))
      .means("Rows of a step, over all ranks."),
    SettingsKey("microbatches", \.microbatches, .integer(.atLeast(1).atMost(65_536)))
      .means("Pieces of a step, which the ranks share out."),
    SettingsKey("learning_rate", \.learningRate, .number(.above(0)))
      .means("The highest learning rate of the encoder."),
    SettingsKey("classifier_learning_rate", \.classifierLearningRate, .number(.above(0)))
      .means("The highest learning rate of the classifier."),
    SettingsKey(
      "label_attention_learning_rate", \.labelAttentionLearningRate, orNull: .number(.above(0))
    )
    .means("That of the attention of a label-attention head; null: ten times learning_rate."),
    SettingsKey("weight_decay", \.weightDecay, .number(.atLeast(0)))
      .means("Of AdamW; biases and LayerNorm have none."),
    SettingsKey("adam_beta1", \.adamBeta1, .momentum)
      .means("Of AdamW."),
    SettingsKey("adam_beta2", \.adamBeta2, .momentum)
      .means("Of AdamW."),
    SettingsKey(
      "adam_epsilon", \.adamEpsilon,
      .number(.above(0), because: "it keeps AdamW from dividing by 0")
    )
    .means("Of AdamW."),
    SettingsKey("lr_scheduler_type", \.schedule, .choice)
      .means("How the learning rate goes after the warm-up."),
    SettingsKey(
      "warmup_ratio", \.warmupRatio, .number(.atLeast(0).atMost(1), because: "a share of all steps")
    )
    .means("The share of all steps in which the learning rate rises from 0."),
    SettingsKey(
      "max_grad_norm", \.maxGradientNorm, .number(.atLeast(0), because: "0 switches clipping off")
    )
    .means("The norm that gradients are clipped to; 0 switches clipping off."),
    SettingsKey("precision", \.precision, .choice)
      .means("Of matrix products; auto takes what is measured as faster at the start."),
    SettingsKey("seed", \.seed, .integer(.atLeast(0)))
      .means("The key of all randomness."),
    SettingsKey("logging_steps", \.loggingSteps, .integer(.atLeast(1)), onResume: .harmless)
      .means("Steps between two lines of metrics.jsonl."),
    SettingsKey(
      "ddp_timeout", \.ddpTimeout, .number(.above(0).atMost(10_000_000)), onResume: .harmless
    )
    .means("Seconds that a rank waits for others before it asks whether they are alive."),
    SettingsKey("on_divergence", \.onDivergence, .choice, onResume: .harmless)
      .means("What is done about a step that is not finite."),
    SettingsKey("max_skipped_steps", \.maxSkippedSteps, .integer(.atLeast(1)), onResume: .harmless)
      .means("Steps that may be skipped in a run."),
    SettingsKey("max_steps", \.maxSteps, orNull: .integer(.atLeast(1)), onResume: .harmless)
      .means("The run ends after so many steps; null leaves it to num_train_epochs."),
    SettingsKey(
      "layerwise_lr_decay", \.layerwiseDecay,
      .number(.above(0).atMost(1), because: "1 leaves all layers' rates equal")
    )
    .means("By what factor the rate of each layer is smaller than that of the layer above."),
    SettingsKey("freeze_encoder", \.freezing, .freezing)
      .means("Which part of the encoder keeps its weights."),
    SettingsKey("ema_decay", \.averageDecay, orNull: .number(.above(0).below(1)))
      .means("Of the moving average of the weights that is evaluated and saved as the best model."),
  ]
}

extension SettingForm<EncoderFreezing> {
  /// `true` for everything, `false` for nothing, or a number of layers.
  fileprivate static var freezing: Self {
    SettingForm(
      wanted: "true, false or a number of layers (0 freezes the embeddings alone)",
      schema: [
        "anyOf": [["type": "boolean"], .object(Bounds<Int>.atLeast(0).schema("integer"))]
      ],
      read: { json, reader in
        if let isFrozen = json.bool { return isFrozen ? .everything : .nothing }
        return SettingForm<Int>.integer(.atLeast(0)).read(json, reader).map { .layers($0) }
      },
      write: { freezing in
        switch freezing {
        case .nothing: false
        case .layers(let count): .integer(count)
        case .everything: true
        }
      })
  }
}

extension SettingForm<Double> {
  /// The share that a running mean keeps of its old value.
  fileprivate static var momentum: Self {
    .number(.atLeast(0).below(1), because: "with 1 the running mean would never move")
  }
}
