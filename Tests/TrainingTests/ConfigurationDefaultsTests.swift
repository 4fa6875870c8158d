import Storage
import Testing
import Training

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
    #expect(data.labelsColumn == nil && data.cacheDirectory == nil)
    #expect(configuration.loss.type == .bce)
    #expect(
      configuration.loss.positiveWeight
        == PositiveWeightSettings(.inverseSquareRoot(temperature: 0.16, scale: 70)))
    #expect(configuration.outputDirectory == "runs/debtags")
  }

  @Test func trainingReadsAsDocumented() throws {
    let training = try Configuration(text: documentedConfiguration).training
    #expect(training.epochs == 50 && training.batchSize == 64 && training.microbatches == 8)
    #expect(training.learningRate == 1e-4 && training.headLearningRate == 5e-3)
    #expect(training.weightDecay == 0.01 && training.adamEpsilon == 1e-8)
    #expect(training.adamBeta1 == 0.9 && training.adamBeta2 == 0.999)
    #expect(training.schedule == .linear && training.warmupRatio == 0.06)
    #expect(training.maxGradientNorm == 1 && training.precision == .fp32)
    #expect(training.seed == 42 && training.loggingSteps == 10 && training.maxSteps == nil)
  }

  @Test func evaluationStoppingAndSavingReadAsDocumented() throws {
    let configuration = try Configuration(text: documentedConfiguration)
    let (evaluation, stopping) = (configuration.evaluation, configuration.earlyStopping)
    #expect(evaluation.strategy == .epoch && evaluation.steps == nil)
    #expect(evaluation.threshold == .global && evaluation.topK == [1, 3, 5])
    #expect(stopping.metricForBestModel == "loss" && stopping.metricName == "eval_loss")
    #expect(!stopping.greaterIsBetter && stopping.patience == 3 && stopping.threshold == 0)
    let checkpointing = configuration.checkpointing
    #expect(checkpointing.strategy == .epoch && checkpointing.steps == nil)
    #expect(checkpointing.totalLimit == 2 && checkpointing.minutes == nil)
  }

  @Test func everyFormOfPositiveWeightsReads() throws {
    let forms: [(String, PositiveWeightSettings)] = [
      ("none", .init(.none)),
      ("7.5", .init(.constant(7.5))),
      ("3", .init(.constant(3))),
      ("sqrt_neg_pos", .init(.squareRootOfNegativesToPositives)),
      (#"{"scheme": "none"}"#, .init(.none)),
      (#"{"scheme": "neg_pos", "max": 50}"#, .init(.negativesToPositives, maximum: 50)),
      (
        #"{"scheme": "inverse_sqrt", "scale": 35, "min": 1}"#,
        .init(.inverseSquareRoot(temperature: 0.16, scale: 35), minimum: 1)
      ),
      (#"{"scheme": "effective_number"}"#, .init(.effectiveNumber(beta: 0.999))),
      (#"{"scheme": "effective_number", "beta": 0.9}"#, .init(.effectiveNumber(beta: 0.9))),
      (
        #"{"file": "w.json", "min": 0.5, "max": 9}"#,
        .init(.file("w.json"), minimum: 0.5, maximum: 9)
      ),
    ]
    for (text, wanted) in forms {
      let configuration = try shortest("loss.pos_weight=\(text)")
      #expect(configuration.loss.positiveWeight == wanted, "\(text)")
      #expect(try Configuration(configuration.resolved) == configuration, "\(text)")
    }
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
    #expect(try shortest("\(metric)=eval_micro_f1").earlyStopping.metricName == "eval_micro_f1")
    #expect(try !shortest("\(metric)=eval_loss").earlyStopping.greaterIsBetter)
    #expect(try !shortest("\(metric)=coverage_error").earlyStopping.greaterIsBetter)
  }

  @Test func nullSwitchesEarlyStoppingOff() throws {
    #expect(try shortest("early_stopping=null").earlyStopping.patience == nil)
    #expect(try shortest("early_stopping.patience=null").earlyStopping.patience == nil)
    #expect(try shortest("early_stopping=null").earlyStopping.metricName == "eval_loss")
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
