// The sections `model.linear` and `model.tfidf`, and what a linear model changes in the others.

import Configuration
import Storage
import Testing

private let linear = """
  {"model": {"type": "linear"}, "data": {"train": "t.jsonl"}, "output_dir": "o"}
  """

private func linearModel(_ overrides: String...) throws -> Configuration {
  try Configuration(text: linear, overrides: overrides)
}

/// What is wrong with the configuration of a linear model with overrides: key → message.
private func mistakes(_ overrides: String...) -> [String: String] {
  do {
    _ = try Configuration(text: linear, overrides: overrides)
    return [:]
  } catch {
    guard case .invalid(_, let problems) = error else { return ["": "\(error)"] }
    return Dictionary(problems.map { ($0.key, $0.message) }) { "\($0); \($1)" }
  }
}

@Suite struct LinearConfigurationTests {
  @Test func oneWordMakesALinearModel() throws {
    let configuration = try linearModel()
    let (model, training) = (configuration.model, configuration.training)
    #expect(model.kind == .linear && model.tfidfSettings == model.linear && model.tfidf == nil)
    #expect(model.linear.learningRate == 20 && model.linear.regularization == 2e-5)
    #expect(model.linear.cutoff == 0.4)
    let ngrams = model.linear.ngrams
    #expect(ngrams.wordNGrams == 1...2 && ngrams.characterNGrams == nil && ngrams.sublinear)
    #expect(ngrams.minimumDocumentFrequency == 2 && ngrams.maximumFeatures == nil)
    #expect(configuration.loss.type == "squared_hinge")
    #expect(configuration.loss.options == ["margin": 8])
    #expect(
      configuration.loss.positiveWeight == PositiveWeightSettings(.scheme("none", options: [:])))
    #expect(training.epochs == 5 && training.classifierLearningRate == 5e-3)
    #expect(configuration.earlyStopping.metricForBestModel == "micro_f1_global")
    #expect(configuration.earlyStopping.greaterIsBetter)
    #expect(configuration.checkpointing.strategy == .no && configuration.checkpointing.minutes == 5)
    #expect(try Configuration(configuration.resolved) == configuration)
  }

  @Test func whatTheFileSaysIsKept() throws {
    let configuration = try linearModel(
      "loss.type=bce", "loss.pos_weight=sqrt_neg_pos", "training.num_train_epochs=7",
      "training.classifier_learning_rate=0.5", "training.logging_steps=3",
      "early_stopping.metric_for_best_model=loss", "checkpointing.save_strategy=epoch",
      "model.linear.char_ngrams=[3, 5]", "model.linear.word_ngrams=[1, 3]",
      "model.linear.max_features=1000", "model.linear.min_df=4", "model.linear.sublinear_tf=false",
      "model.linear.weight_cutoff=0")
    #expect(configuration.loss.type == "bce")
    #expect(
      configuration.loss.positiveWeight
        == PositiveWeightSettings(.scheme("sqrt_neg_pos", options: [:])))
    #expect(
      configuration.training.epochs == 7 && configuration.training.classifierLearningRate == 0.5)
    #expect(configuration.training.loggingSteps == 3)
    #expect(
      configuration.earlyStopping.metricForBestModel == "loss"
        && !configuration.earlyStopping.greaterIsBetter)
    #expect(
      configuration.checkpointing.strategy == .epoch && configuration.checkpointing.minutes == nil)
    // The logistic loss is less curved than the squared hinge.
    let settings = configuration.model.linear
    #expect(settings.learningRate == 200 && settings.regularization == 2e-6)
    #expect(settings.ngrams.characterNGrams == 3...5 && settings.ngrams.wordNGrams == 1...3)
    #expect(
      settings.ngrams.maximumFeatures == 1000 && settings.ngrams.minimumDocumentFrequency == 4)
    #expect(!settings.ngrams.sublinear && settings.cutoff == 0)
    #expect(try Configuration(configuration.resolved) == configuration)
  }

  @Test func theMarginIsThatOfTheFileAndWeightsAreCutInProportion() throws {
    let narrow = try linearModel("loss.type=squared_hinge", "loss.margin=2")
    #expect(narrow.loss.options == ["margin": 2] && narrow.model.linear.cutoff == 0.1)
    let wide = try linearModel("loss.type=squared_hinge")
    #expect(wide.loss.options == ["margin": 8] && wide.model.linear.cutoff == 0.4)
    #expect(try linearModel("loss.type=bce").model.linear.cutoff == 0.1)
    #expect(try shortest("loss.type=squared_hinge").loss.options == ["margin": 1])
    for configuration in [narrow, wide] {
      #expect(try Configuration(configuration.resolved) == configuration)
    }
  }

  @Test func aLossIsNotGivenTheOptionsOfAnother() throws {
    let focal = try linearModel("loss.type=focal", "loss.gamma=3")
    #expect(focal.loss.options == ["gamma": 3, "alpha": 0.25])
    #expect(mistakes("loss.gamma=3")["loss.gamma"] != nil)
  }

  @Test func aLinearPartStandsBesideABert() throws {
    let plain = try shortest()
    #expect(plain.model.tfidf == nil && plain.model.tfidfSettings == nil)
    let beside = try shortest("model.tfidf={}")
    #expect(beside.model.tfidf?.learningRate == 200 && beside.model.tfidf?.regularization == 2e-6)
    #expect(beside.model.tfidfSettings == beside.model.tfidf)
    #expect(
      beside.loss == plain.loss && beside.training == plain.training, "a BERT's defaults stay")
    #expect(try Configuration(beside.resolved) == beside)
    #expect(try shortest("model.tfidf.min_df=5").model.tfidf?.ngrams.minimumDocumentFrequency == 5)
    #expect(try shortest("model.tfidf=false") == plain)
    #expect(try shortest("model.tfidf={}", "training.freeze_encoder=true").model.tfidf != nil)
    #expect(problems("model.tfidf={}", "training.precision=bf16").isEmpty)
  }

  @Test(arguments: [
    ("model.linear.char_ngrams=[5, 3]", "two whole numbers from 1 to 64, [shortest, longest]"),
    ("model.linear.word_ngrams=[0, 2]", "found [0, 2]"),
    ("model.linear.word_ngrams=[1, 65]", "found [1, 65]"),
    ("model.linear.word_ngrams=[1, 2, 3]", "found [1, 2, 3]"),
    ("model.linear.word_ngrams=[1, 2.5]", "found [1, 2.5]"),
    ("model.linear.word_ngrams=[1, \"2\", 3]", "found [1, \"2\", 3]"),
    ("model.linear.word_ngrams=2", "found 2"),
    ("model.linear.word_ngrams=null", "found null"),
    ("model.linear.min_df=0", "at least 1, found 0"),
    ("model.linear.max_features=0", "found 0"),
    ("model.linear.sublinear_tf=1", "found 1"),
    ("model.linear.learning_rate=0", "greater than 0"),
    ("model.linear.l2=-1", "at least 0"),
    ("model.linear.weight_cutoff=-0.1", "at least 0"),
    ("model.linear=true", "wanted an object with keys, found true"),
    ("model.name_or_path=m", "a linear model has no encoder"),
    ("model.tfidf={}", "a linear model has no encoder"),
    ("model.max_length=64", "a linear model has no encoder"),
    ("model.pooling=mean", "a linear model has no encoder"),
    ("model.hidden_dropout_prob=0.2", "a linear model has no encoder"),
    ("training.freeze_encoder=true", "no encoder"),
    ("training.freeze_encoder=1", "no encoder"),
    ("training.ema_decay=0.9", "does not average the weights of a linear part"),
    ("training.layerwise_lr_decay=0.9", "no layers"),
    ("training.precision=bf16", "a linear model has none"),
  ])
  func wrongValuesNameTheKeyAndWhatIsWanted(override: String, message: String) throws {
    let key = String(override.prefix { $0 != "=" })
    let found = mistakes(override)
    #expect(found[key]?.contains(message) == true, "\(found)")
    #expect(found.count == 1, "\(found)")
  }

  @Test func nearKeysAreNamed() {
    #expect(
      problems("model.type=svm")["model.type"]
        == "wanted one of \"bert\", \"linear\", found \"svm\"")
    #expect(
      mistakes("model.linear.min_fd=3")["model.linear.min_fd"]?.contains("model.linear.min_df")
        == true)
    #expect(
      problems("model.tfidf.lerning_rate=3")["model.tfidf.lerning_rate"]?
        .contains("model.tfidf.learning_rate") == true)
  }

  @Test func whatGoesWithAnotherKindOfModelIsRefused() {
    #expect(problems("model.linear={}")["model.linear"]?.contains("\"type\": \"linear\"") == true)
    #expect(problems("model.linear.l2=1")["model.linear"] != nil)
    #expect(problems("model.tfidf={}", "training.ema_decay=0.9")["training.ema_decay"] != nil)
    // What a resolved configuration states is not a mistake.
    #expect(mistakes("model.name_or_path=null", "model.tfidf=null", "model.max_length=256").isEmpty)
  }

  /// A step that shrinks weights by ηλ ≥ 1 would turn their signs.
  @Test func stepsMustNotTurnTheWeightsSigns() {
    for (rate, weight) in [("20", "0.05"), ("1e3", "1")] {
      let found = mistakes("model.linear.learning_rate=\(rate)", "model.linear.l2=\(weight)")
      #expect(found["model.linear.l2"]?.contains("below 1") == true, "\(found)")
      #expect(found.count == 1)
    }
    #expect(mistakes("model.linear.learning_rate=20", "model.linear.l2=0.049").isEmpty)
    // What the file leaves out counts as well.
    #expect(mistakes("model.linear.l2=0.05")["model.linear.l2"] != nil)
    #expect(mistakes("model.linear.learning_rate=1e5")["model.linear.l2"] != nil)
    #expect(problems("model.tfidf.l2=0.005")["model.tfidf.l2"] != nil)
  }

  @Test func aChangedKeyIsNamedByItselfAndStopsAResume() throws {
    let old = try linearModel()
    for override in ["min_df=3", "char_ngrams=[3, 5]", "l2=1e-7", "weight_cutoff=0.1"] {
      let differences = try linearModel("model.linear.\(override)").differences(from: old)
      #expect(differences.map(\.key) == ["model.linear." + override.prefix { $0 != "=" }])
      #expect(differences.allSatisfy { !$0.isHarmless })
    }
    #expect(try linearModel("model.linear={}").differences(from: old).isEmpty)
    let beside = try shortest("model.tfidf={}").differences(from: shortest())
    #expect(beside.map(\.key) == ["model.tfidf"])
  }
}
