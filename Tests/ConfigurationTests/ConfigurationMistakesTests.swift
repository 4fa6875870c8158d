import Configuration
import Objectives
import Storage
import Testing

@Suite struct ConfigurationMistakesTests {
  @Test func requiredKeysAreAskedFor() {
    #expect(throws: ConfigurationError.self) { try Configuration(text: "{}") }
    do {
      _ = try Configuration(text: "{}")
    } catch {
      let text = "\(error)"
      for key in ["model.name_or_path", "data.train", "output_dir"] {
        #expect(text.contains("\n  \(key): is missing"))
      }
      #expect(error.exitCode == .badConfiguration)
    }
  }

  @Test func nullDoesNotStandForARequiredKey() {
    #expect(problems("model.name_or_path=null").keys.contains("model.name_or_path"))
    #expect(problems("data.train=null").keys.contains("data.train"))
    #expect(problems("output_dir=null").keys.contains("output_dir"))
  }

  @Test(arguments: [
    ("training.learning_rate=\"fast\"", "wanted a number greater than 0, found \"fast\""),
    ("training.learning_rate=0", "wanted a number greater than 0, found 0"),
    (
      "training.train_batch_size=0",
      "wanted a whole number of at least 1 and at most 1048576, found 0"
    ),
    ("training.train_batch_size=9223372036854775807", "at most 1048576, found 9223372036854775807"),
    ("training.ddp_timeout=1e21", "at most 10000000, found 1e+21"),
    ("checkpointing.save_minutes=1e308", "at most 1000000, or null, found 1e+308"),
    ("evaluation.top_k=[1000000000000]", "whole numbers from 1 to 100000"),
    ("training.train_batch_size=1.5", "at most 1048576, found 1.5"),
    ("training.microbatches=-1", "found -1"),
    ("training.warmup_ratio=1.2", "at least 0 and at most 1"),
    ("training.adam_beta1=1", "at least 0 and less than 1"),
    ("training.precision=fp16", "wanted one of \"auto\", \"fp32\", \"bf16\", found \"fp16\""),
    ("training.lr_scheduler_type=polynomial", "wanted one of \"linear\""),
    ("training.seed=null", "found null"),
    ("training.learning_rate=Infinity", "found \"Infinity\""),
    ("training=3", "wanted an object with keys, found 3"),
    ("model.max_length=2", "[CLS], one token, [SEP]"),
    ("model.hidden_dropout_prob=1", "less than 1"),
    ("model.pooling=max", "\"auto\", \"cls\", \"mean\""),
    ("model.name_or_path=7", "found 7"),
    ("data.validation_fraction=1", "greater than 0 and less than 1"),
    ("data.test_fraction=1", "less than 1"),
    ("data.split=date", "one of \"stratified\", \"random\""),
    ("data.group_column=text", "names the same column as the text"),
    ("data.train=\"\"", "found \"\""),
    ("loss.type=hinge", "wanted one of \"bce\", \"focal\""),
    ("loss.pos_weight=-1", "\"inverse_sqrt\""),
    ("loss.pos_weight=true", "found true"),
    ("loss.pos_weight.scheme=cubic", "found \"cubic\""),
    ("evaluation.threshold=1.5", "found 1.5"),
    ("evaluation.top_k=[1, 1]", "found [1, 1]"),
    ("evaluation.top_k=[]", "found []"),
    ("checkpointing.save_total_limit=0", "null keeps all"),
    ("checkpointing.save_minutes=0", "or null, found 0"),
    ("early_stopping.patience=0", "or null, found 0"),
    ("early_stopping.threshold=-1", "found -1"),
    ("data.ignored_columns=[1]", "wanted a list of columns' names (strings), found [1]"),
    ("output_dir=[]", "wanted a directory (a string), found []"),
  ])
  func wrongValuesNameTheKeyAndWhatIsWanted(override: String, message: String) throws {
    let key = String(override.prefix { $0 != "=" })
    let found = problems(override)
    #expect(found.keys.contains(key))
    #expect(found[key]?.contains(message) == true, "\(found)")
    #expect(found.count == 1, "\(found)")
  }

  @Test func keysThatContradictEachOtherAreReported() {
    #expect(problems("evaluation.eval_strategy=steps").keys.contains("evaluation.eval_steps"))
    #expect(problems("checkpointing.save_strategy=steps").keys.contains("checkpointing.save_steps"))
    #expect(problems("evaluation.eval_strategy=steps", "evaluation.eval_steps=5").isEmpty)
    #expect(problems("model.vocab=v.txt").keys.contains("model.vocab"))
    #expect(problems("model.config={}").keys.contains("model.name_or_path"))
    #expect(
      problems("model.name_or_path=null", "model.config={}").keys.contains("model.vocab"))
    #expect(problems("data.labels_column=text").keys.contains("data.labels_column"))
    #expect(
      problems(
        "early_stopping={\"metric_for_best_model\": \"micro_f1\", \"greater_is_better\": false}"
      )
      .keys.contains("early_stopping.greater_is_better"))
    #expect(
      problems("loss.pos_weight={\"scheme\": \"neg_pos\", \"scale\": 3}")
        .keys.contains("loss.pos_weight.scale"))
    #expect(
      problems("loss.pos_weight={\"min\": 3, \"max\": 2}").keys.contains("loss.pos_weight.min"))
    #expect(
      problems("loss.pos_weight={\"file\": \"w\", \"scheme\": \"none\"}")
        .keys.contains("loss.pos_weight.file"))
  }

  @Test func allProblemsAreReportedTogetherUpToTwenty() throws {
    let found = problems(
      "training.learning_rate=fast", "training.sede=1", "model.max_length=1", "loss.kind=bce")
    #expect(found.count == 4)
    let many = (0..<30).map { "\"unknown\($0)\": 1" }.joined(separator: ", ")
    do {
      _ = try Configuration(text: "{\(many)}")
      Issue.record("30 unknown keys were accepted")
    } catch {
      #expect("\(error)".split(separator: "\n").count == 22)
      #expect("\(error)".hasSuffix("and 13 more"))
    }
  }

  @Test func textThatIsNotJSONNamesItsLine() {
    #expect {
      try Configuration(text: "{\"model\": {},\n \"data\": }", source: "a/config.json")
    } throws: { error in
      "\(error)".hasPrefix("a/config.json: not JSON: line 2, column 10")
    }
    #expect(throws: ConfigurationError.self) { try Configuration(text: "[]") }
  }

  @Test func aMissingFileIsNotABadConfiguration() throws {
    do {
      _ = try Configuration(contentsOf: "there/is/no/such/config.json")
      Issue.record("a missing file was read")
    } catch {
      #expect(error.exitCode == .missingInput)
      #expect("\(error)".hasPrefix("there/is/no/such/config.json: no such file"))
    }
  }

  @Test func missingInputsAreListedByKey() throws {
    let configuration = try shortest("data.test=no/test.jsonl", "loss.pos_weight.file=no/w.json")
    do {
      try configuration.checkFiles()
      Issue.record("missing files were found")
    } catch {
      #expect(error.exitCode == .missingInput)
      let text = "\(error)"
      for place in [
        "model.name_or_path: m:", "data.train: t.jsonl:", "data.test: no/test.jsonl:",
        "loss.pos_weight.file: no/w.json:",
      ] {
        #expect(text.contains(place), "\(text)")
      }
    }
  }

  @Test func unknownMetricsNameTheNearest() throws {
    let stopping = try shortest("early_stopping.metric_for_best_model=mirco_f1").earlyStopping
    let metrics: [MetricName] = ["loss", "micro_f1", "macro_f1", "micro_f1_global"]
    #expect {
      try stopping.check(metrics: metrics)
    } throws: {
      "\($0)".contains("did you mean \"micro_f1\"?")
    }
    try EarlyStoppingSettings().check(metrics: metrics)
  }

  @Test func ranksMustShareTheMicrobatchesWithEqualBits() throws {
    let configuration = try shortest()
    for count in [1, 2, 4, 8] { try configuration.check(worldSize: count) }
    #expect {
      try configuration.check(worldSize: 3)
    } throws: { error in
      "\(error)".contains("start 1, 2, 4 or 8 ranks")
        && (error as? ConfigurationError)?.exitCode == .badConfiguration
    }
    #expect(configuration.largestRankCount(cores: 7) == 4)
    #expect(configuration.largestRankCount(cores: 64) == 8)
    let dozen = try shortest("training.microbatches=12")
    for count in [1, 3, 6, 12] { try dozen.check(worldSize: count) }
    // 4 divides 12, and would add in another order.
    #expect {
      try dozen.check(worldSize: 4)
    } throws: {
      "\($0)".contains("start 1, 3, 6 or 12 ranks, or set training.microbatches to 16")
    }
    #expect(dozen.largestRankCount(cores: 5) == 3)
  }
}
