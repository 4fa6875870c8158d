import Configuration
import Storage
import Testing

@Suite struct ConfigurationOverrideTests {
  @Test func valuesAreJSONAndBareWordsAreStrings() throws {
    let configuration = try shortest(
      "training.learning_rate=1e-3", "training.seed=7", "data.train=data/my train.jsonl",
      "model.pooling=mean", "evaluation.top_k=[1, 10]", "output_dir=\"quoted\"",
      "data.validation=a=b.jsonl")
    #expect(configuration.training.learningRate == 1e-3)
    #expect(configuration.training.seed == 7)
    #expect(configuration.data.train == "data/my train.jsonl")
    #expect(configuration.data.validation == "a=b.jsonl")
    #expect(configuration.model.pooling == .mean)
    #expect(configuration.evaluation.topK == [1, 10])
    #expect(configuration.outputDirectory == "quoted")
  }

  @Test func theLastOfSeveralCounts() throws {
    #expect(try shortest("training.seed=1", "training.seed=2").training.seed == 2)
  }

  @Test func wholeNumbersMayBeWrittenAsDoubles() throws {
    #expect(try shortest("training.train_batch_size=1e3").training.batchSize == 1_000)
    #expect(try shortest("training.num_train_epochs=2").training.epochs == 2)
    #expect(try shortest("training.num_train_epochs=0.5").training.epochs == 0.5)
  }

  @Test func nullTakesAnOptionalValueAway() throws {
    let configuration = try Configuration(
      text: documentedConfiguration,
      overrides: ["data.validation=null", "checkpointing.save_total_limit=null"])
    #expect(configuration.data.validation == nil)
    #expect(configuration.checkpointing.totalLimit == nil)
  }

  @Test func sectionsOnTheWayAreMade() throws {
    let configuration = try shortest("loss.pos_weight.scale=35", "early_stopping.patience=9")
    #expect(
      configuration.loss.positiveWeight.source
        == .scheme("inverse_sqrt", options: ["temperature": 0.16, "scale": 35]))
    #expect(configuration.earlyStopping.patience == 9)
    #expect(
      try shortest("early_stopping=null", "early_stopping.patience=9").earlyStopping.patience == 9)
  }

  @Test func unknownKeysAreReportedAsInTheFile() {
    #expect(problems("training.sede=1")["training.sede"]?.contains("training.seed") == true)
    #expect(problems("training.seed.x=1")["training.seed"]?.contains("found an object") == true)
  }

  @Test(arguments: [
    "training.seed", "=1", "training.=1", ".seed=1", "training.seed=", "loss.pos_weight={scheme}",
    "output_dir.x=1",
  ])
  func overridesThatCannotBeAppliedAreAWrongCommandLine(text: String) {
    #expect {
      try Configuration(text: shortestConfiguration, overrides: [text])
    } throws: { error in
      (error as? ConfigurationError)?.exitCode == .usage && "\(error)".hasPrefix("--set \(text): ")
    }
  }
}
