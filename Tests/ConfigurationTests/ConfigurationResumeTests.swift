import Configuration
import Storage
import Testing

@Suite struct ConfigurationResumeTests {
  @Test func theResolvedConfigurationReadsBackAsTheSame() throws {
    let configurations = [
      try shortest(),
      try Configuration(text: documentedConfiguration),
      try shortest(
        "early_stopping=null", "evaluation.threshold=0.3", "training.max_steps=10",
        "training.num_train_epochs=0.25", "checkpointing.save_minutes=2.5",
        "early_stopping.metric_for_best_model=eval_macro_f1", "data.labels_separator=|",
        "model.classifier_dropout=0.2", "checkpointing.save_total_limit=null"),
    ]
    for configuration in configurations {
      let text = configuration.resolved.text(pretty: true)
      let again = try Configuration(text: text)
      #expect(again == configuration)
      #expect(again.resolved.text() == configuration.resolved.text())
      #expect(again.hash == configuration.hash)
    }
  }

  @Test func theResolvedConfigurationHasEveryKeyInTheDocumentedOrder() throws {
    let resolved = try Configuration(text: documentedConfiguration).resolved
    let documented = try JSONValue(parsing: documentedConfiguration)
    #expect(resolved.object?.keys == documented.object?.keys)
    for (section, value) in try #require(documented.object) {
      guard let keys = value.object?.keys else { continue }
      let written = try #require(resolved[section]?.object)
      #expect(written.keys.filter(keys.contains) == keys)
      for key in keys { #expect(written[key] == value[key], "\(section).\(key)") }
    }
  }

  @Test func theHashTellsConfigurationsApart() throws {
    #expect(try shortest().hash == shortest().hash)
    #expect(try shortest().hash != shortest("training.seed=43").hash)
    #expect(try shortest().hash.count == 16)
  }

  @Test func equalConfigurationsDifferInNothing() throws {
    #expect(try shortest().differences(from: shortest("training.seed=42")).isEmpty)
    let prefixed = try shortest("early_stopping.metric_for_best_model=eval_micro_f1_global")
    #expect(try shortest().differences(from: prefixed).isEmpty)
  }

  @Test(arguments: [
    "training.num_train_epochs=7", "training.max_steps=9", "training.logging_steps=1",
    "evaluation.eval_strategy=no", "evaluation.threshold=per_label", "evaluation.top_k=[2]",
    "early_stopping.patience=8", "early_stopping=null", "early_stopping.threshold=0.1",
    "checkpointing.save_strategy=no", "checkpointing.save_total_limit=5",
    "checkpointing.save_minutes=5", "output_dir=elsewhere", "data.cache_dir=/scratch",
    "data.test=test.jsonl", "data.train=moved.jsonl", "data.validation=moved.jsonl",
    "evaluation.confidence_intervals=false",
  ])
  func whatOnlyLooksOrKeepsIsHarmless(override: String) throws {
    let differences = try shortest(override).differences(from: shortest())
    #expect(differences.count == 1)
    #expect(!differences.contains { !$0.isHarmless })
  }

  @Test(arguments: [
    "training.seed=1", "training.learning_rate=1", "training.classifier_learning_rate=1",
    "training.train_batch_size=8", "training.microbatches=4", "training.weight_decay=0",
    "training.warmup_ratio=0", "training.max_grad_norm=0", "training.precision=bf16",
    "model.max_length=8", "model.pooling=cls", "model.hidden_dropout_prob=0",
    "model.name_or_path=other", "data.empty_cells=zero", "data.separator=;",
    "data.validation_fraction=0.2", "loss.pos_weight=inverse_sqrt",
    "training.layerwise_lr_decay=0.9",
    "training.ema_decay=0.99", "loss.label_smoothing=0.1", "data.oversample_rare=0.01",
    "early_stopping.metric_for_best_model=macro_f1",
  ])
  func whatChangesAStepOrTheBestModelStopsAResume(override: String) throws {
    let differences = try shortest(override).differences(from: shortest())
    #expect(differences.count == 1)
    #expect(!differences.contains { $0.isHarmless })
    #expect(differences.first?.key == String(override.prefix { $0 != "=" }))
  }

  @Test func aDifferenceShowsBothValues() throws {
    let differences = try shortest("training.seed=1", "early_stopping.patience=5")
      .differences(from: shortest())
    #expect(
      differences.map(\.description)
        == ["training.seed: 42 → 1", "early_stopping.patience: 3 → 5"])
  }

  /// A run's own config, as 0.1.0 wrote it: without the keys of splits.
  private func stored(_ overrides: String...) throws -> JSONValue {
    let json = try Configuration(
      text: "{\"model\": {\"name_or_path\": \"m\"}, \"data\": {\"train\": \"t.jsonl\"}, "
        + "\"output_dir\": \"r\"}", overrides: overrides
    ).resolved
    var root = try #require(json.object)
    root["data"] = .object(
      JSONObject(try #require(root["data"]?.object).filter { !$0.0.hasPrefix("split") }))
    return .object(root)
  }

  @Test func aResumedRunKeepsWhatIsNotGiven() throws {
    let stored = try stored("training.num_train_epochs=7", "loss.pos_weight=3", "training.seed=9")
    let text = """
      {"model": {"name_or_path": "m"}, "data": {"train": "t.jsonl"}, "output_dir": "r",
       "training": {"logging_steps": 3}}
      """
    let resumed = try Configuration(text: text, stored: stored)
    #expect(resumed.loss.positiveWeight == PositiveWeightSettings(.number(3)))
    #expect(resumed.training.seed == 9 && resumed.training.loggingSteps == 3)
    #expect(resumed.training.epochs == 7)
    // What a trial was cut short by is not kept.
    let cut = try self.stored("training.max_steps=5")
    #expect(try Configuration(text: text, stored: cut).training.maxSteps == nil)
    let begun = try Configuration(stored: stored, source: "config.json")
    #expect(resumed.differences(from: begun).map(\.key) == ["training.logging_steps"])
    // 0.1.0 split at random, by the seed of the training.
    #expect(resumed.data.split == .random && resumed.data.splitSeed == 9)
  }

  @Test func aGivenKeyIsHeardOnResume() throws {
    let text = """
      {"model": {"name_or_path": "m"}, "data": {"train": "t.jsonl"}, "output_dir": "r",
       "loss": {"type": "focal", "gamma": 3}, "early_stopping": null}
      """
    let resumed = try Configuration(text: text, stored: stored("loss.type=asymmetric"))
    #expect(resumed.loss.type == "focal")
    #expect(resumed.earlyStopping.patience == nil)
  }
}
