import Configuration
import Foundation
import Objectives
import Storage
import Testing

@Suite struct ConfigurationDefaultsTests {
  @Test func theDocumentedValuesAreTheDefaults() throws {
    let documented = try Configuration(text: documentedConfiguration)
    var short = try shortest()
    short.model.nameOrPath = documented.model.nameOrPath
    short.data.train = documented.data.train
    short.data.validation = documented.data.validation
    short.data.test = documented.data.test
    short.outputDirectory = documented.outputDirectory
    #expect(short == documented)
  }

  @Test func modelDataAndLossReadAsDocumented() throws {
    let configuration = try Configuration(text: documentedConfiguration)
    let (model, data) = (configuration.model, configuration.data)
    #expect(model.nameOrPath == "models/all-MiniLM-L6-v2")
    #expect(model.config == nil && model.vocab == nil && model.classifierDropout == nil)
    #expect(model.maxLength == 256)
    #expect(model.hiddenDropout == 0.1 && model.attentionDropout == 0.1)
    #expect(model.pooling == .auto && model.classifierBias == .prior)
    #expect(data.train == "data/train.jsonl")
    #expect(data.validation == "data/valid.jsonl" && data.test == "data/test.jsonl")
    #expect(data.validationFraction == 0.1 && data.textColumn == "text" && data.idColumn == "id")
    #expect(data.testFraction == 0 && data.split == .stratified && data.splitSeed == 42)
    #expect(data.groupColumn == nil && data.dateColumn == nil)
    #expect(data.labelsColumn == nil && data.cacheDirectory == nil)
    #expect(configuration.loss.type == "bce" && configuration.loss.options.isEmpty)
    #expect(
      configuration.loss.positiveWeight == PositiveWeightSettings(.scheme("none", options: [:])))
    #expect(configuration.outputDirectory == "runs/debtags")
  }

  @Test func trainingReadsAsDocumented() throws {
    let training = try Configuration(text: documentedConfiguration).training
    #expect(training.epochs == 3 && training.batchSize == 64 && training.microbatches == 8)
    #expect(training.learningRate == 1e-4 && training.classifierLearningRate == 5e-3)
    #expect(training.weightDecay == 0.01 && training.adamEpsilon == 1e-8)
    #expect(training.adamBeta1 == 0.9 && training.adamBeta2 == 0.999)
    #expect(training.schedule == .linear && training.warmupRatio == 0.06)
    #expect(training.maxGradientNorm == 1 && training.precision == .auto)
    #expect(training.seed == 42 && training.loggingSteps == 10 && training.maxSteps == nil)
  }

  @Test func remediesAreOffUntilTheyAreAskedFor() throws {
    let configuration = try shortest()
    #expect(configuration.training.layerwiseDecay == 1)
    #expect(configuration.training.averageDecay == nil)
    #expect(configuration.loss.labelSmoothing == 0)
    #expect(configuration.data.oversampleRare == nil)
    for (key, value) in [
      ("training.layerwise_lr_decay", "0"), ("training.ema_decay", "1"),
      ("loss.label_smoothing", "1"), ("data.oversample_rare", "1"),
    ] { #expect(problems("\(key)=\(value)")[key]?.hasPrefix("wanted a number") == true, "\(key)") }
  }

  @Test func evaluationStoppingAndSavingReadAsDocumented() throws {
    let configuration = try Configuration(text: documentedConfiguration)
    let (evaluation, stopping) = (configuration.evaluation, configuration.earlyStopping)
    #expect(evaluation.strategy == .epoch && evaluation.steps == nil)
    #expect(evaluation.threshold == .global && evaluation.topK == [1, 3, 5])
    #expect(stopping.metricForBestModel == "micro_f1_global")
    #expect(stopping.greaterIsBetter && stopping.patience == 3 && stopping.threshold == 0)
    let checkpointing = configuration.checkpointing
    #expect(checkpointing.strategy == .epoch && checkpointing.steps == nil)
    #expect(checkpointing.totalLimit == 2 && checkpointing.minutes == nil)
  }

  @Test(
    arguments: [
      ("none", .init(.scheme("none", options: [:]))),
      ("7.5", .init(.number(7.5))),
      ("3", .init(.number(3))),
      ("sqrt_neg_pos", .init(.scheme("sqrt_neg_pos", options: [:]))),
      (#"{"scheme": "none"}"#, .init(.scheme("none", options: [:]))),
      (#"{"scheme": "neg_pos", "max": 50}"#, .init(.scheme("neg_pos", options: [:]), maximum: 50)),
      (
        #"{"scheme": "inverse_sqrt", "scale": 35, "min": 1}"#,
        .init(.scheme("inverse_sqrt", options: ["temperature": 0.16, "scale": 35]), minimum: 1)
      ),
      ("effective_number", .init(.scheme("effective_number", options: ["beta": 0.9999]))),
      (
        #"{"scheme": "effective_number", "beta": 0.9}"#,
        .init(.scheme("effective_number", options: ["beta": 0.9]))
      ),
      (
        #"{"file": "w.json", "min": 0.5, "max": 9}"#,
        .init(.file("w.json"), minimum: 0.5, maximum: 9)
      ),
    ] as [(String, PositiveWeightSettings)])
  func everyFormOfPositiveWeightsReads(text: String, wanted: PositiveWeightSettings) throws {
    let configuration = try shortest("loss.pos_weight=\(text)")
    #expect(configuration.loss.positiveWeight == wanted)
    #expect(try Configuration(configuration.resolved) == configuration)
  }

  @Test func everyRegisteredLossAndSchemeIsAccepted() throws {
    for loss in LossRegistry.all {
      let configuration = try shortest("loss.type=\(loss.name)")
      #expect(configuration.loss.options.count == loss.options.count)
      #expect(try Configuration(configuration.resolved) == configuration)
    }
    for scheme in PositiveWeighting.all {
      let configuration = try shortest("loss.pos_weight.scheme=\(scheme.name)")
      try configuration.loss.positiveWeight.weighting().validate()
      #expect(try Configuration(configuration.resolved) == configuration)
    }
  }

  @Test func optionsOfALossStandBesideItsType() throws {
    let configuration = try shortest("loss.type=focal", "loss.gamma=3")
    #expect(configuration.loss.options == ["gamma": 3, "alpha": 0.25])
    #expect(problems("loss.gamma=3")["loss.gamma"]?.contains("\"focal\"") == true)
    #expect(
      problems("loss.type=focal", "loss.gamma=-1")["loss.gamma"]
        == "wanted a number of at least 0 and at most 20, found -1.0")
  }

  @Test func aFileOfWeightsIsReadAsATable() throws {
    let path = FileManager.default.temporaryDirectory.path + "/weights-\(UUID()).json"
    defer { try? FileManager.default.removeItem(atPath: path) }
    var settings = PositiveWeightSettings(.file(path), maximum: 3)
    try #"{"a": 2, "b": 0.5}"#.write(toFile: path, atomically: true, encoding: .utf8)
    let weighting = try settings.weighting()
    #expect(weighting.source == .table(["a": 2, "b": 0.5]))
    #expect(weighting.maximum == 3)
    try #"{"a": -2}"#.write(toFile: path, atomically: true, encoding: .utf8)
    #expect {
      try settings.weighting()
    } throws: { ($0 as? ConfigurationError)?.exitCode == .badData && "\($0)".contains("\"a\"") }
    settings.source = .file(path + ".none")
    #expect {
      try settings.weighting()
    } throws: { ($0 as? ConfigurationError)?.exitCode == .missingInput }
  }

  @Test func aRandomEncoderTakesConfigAndVocab() throws {
    let configuration = try Configuration(
      text: """
        {"model": {"config": {"hidden_size": 64, "hidden_dropout_prob": 0.0}, "vocab": "v.txt"},
         "data": {"train": "t"}, "output_dir": "o"}
        """)
    #expect(configuration.model.config?["hidden_size"] == 64)
    #expect(configuration.model.vocab == "v.txt" && configuration.model.nameOrPath == nil)
    #expect(configuration.model.hiddenDropout == 0, "what its config states overrules the default")
    #expect(configuration.model.attentionDropout == 0.1)
    #expect(try Configuration(configuration.resolved) == configuration)
  }

  @Test func theMetricSaysWhichDirectionIsBetter() throws {
    let metric = "early_stopping.metric_for_best_model"
    #expect(try shortest("\(metric)=micro_f1").earlyStopping.greaterIsBetter)
    #expect(try shortest("\(metric)=eval_micro_f1").earlyStopping.metricForBestModel == "micro_f1")
    #expect(try !shortest("\(metric)=eval_loss").earlyStopping.greaterIsBetter)
    #expect(try !shortest("\(metric)=coverage_error").earlyStopping.greaterIsBetter)
  }

  @Test func nullSwitchesEarlyStoppingOff() throws {
    #expect(try shortest("early_stopping=null").earlyStopping.patience == nil)
    #expect(try shortest("early_stopping.patience=null").earlyStopping.patience == nil)
    #expect(
      try shortest("early_stopping=null").earlyStopping.metricForBestModel == "micro_f1_global")
  }

  @Test func stepsFollowEpochsUnlessTheyEndEarly() throws {
    var training = TrainingSettings()
    training.epochs = 2.5
    #expect(training.totalSteps(stepsPerEpoch: 5) == 13)
    training.maxSteps = 10
    #expect(training.totalSteps(stepsPerEpoch: 5) == 10)
    #expect(training.totalSteps(stepsPerEpoch: 2) == 5)
    training.warmupRatio = 0.06
    #expect(training.warmupSteps(totalSteps: 10) == 1)
    #expect(training.warmupSteps(totalSteps: 100) == 6)
    #expect(training.warmupSteps(totalSteps: 101) == 7)
  }
}
