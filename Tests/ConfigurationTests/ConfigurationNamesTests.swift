import Configuration
import Testing

@Suite struct ConfigurationNamesTests {
  @Test(arguments: [
    ("training.learing_rate", "training.learning_rate"),
    ("training.learningRate", "training.learning_rate"),
    ("training.learning-rate", "training.learning_rate"),
    ("training.sede", "training.seed"),
    ("model.name_or_pth", "model.name_or_path"),
    ("modle.name_or_path", "model"),
    ("loss.pos_weights", "loss.pos_weight"),
    ("loss.pos_weight.temprature", "loss.pos_weight.temperature"),
    ("evaluation.topk", "evaluation.top_k"),
    ("outputdir", "output_dir"),
    ("check_pointing.save_steps", "checkpointing"),
  ])
  func mistypedKeysNameTheNearest(key: String, meant: String) {
    expect(key, toMean: meant)
  }

  @Test(arguments: [
    ("learning_rate", "training.learning_rate"),
    ("training.patience", "early_stopping.patience"),
    ("early_stopping.eval_steps", "evaluation.eval_steps"),
    ("training.save_total_limit", "checkpointing.save_total_limit"),
    ("max_lenght", "model.max_length"),
    ("loss.scale", "loss.pos_weight.scale"),
    ("training.threshold", "evaluation.threshold or early_stopping.threshold"),
  ])
  func misplacedKeysNameTheirSection(key: String, meant: String) {
    expect(key, toMean: meant)
  }

  @Test(arguments: [
    ("per_device_train_batch_size", "training.train_batch_size"),
    ("training.per_device_train_batch_size", "training.train_batch_size"),
    ("training.gradient_accumulation_steps", "training.microbatches"),
    ("training.num_epochs", "training.num_train_epochs"),
    ("training.lr", "training.learning_rate"),
    ("training.bf16", "training.precision"),
    ("training.warmup_steps", "training.warmup_ratio"),
    ("evaluation.evaluation_strategy", "evaluation.eval_strategy"),
    ("model.max_seq_length", "model.max_length"),
    ("early_stopping_patience", "early_stopping.patience"),
  ])
  func namesOfTheHuggingFaceTrainerAreKnown(key: String, meant: String) {
    expect(key, toMean: meant)
  }

  @Test func namesWithoutACounterpartSayWhatTakesTheirPlace() {
    #expect(
      problems("overwrite_output_dir=true")["overwrite_output_dir"]?.contains("--overwrite") == true
    )
    #expect(problems("training.optim=adamw")["training.optim"]?.contains("AdamW") == true)
  }

  @Test func aKeyLikeNoOtherListsTheKeys() {
    let message = problems("training.wombat=1")["training.wombat"] ?? ""
    #expect(message.contains("the nearest is training."))
    #expect(message.contains("the keys here are num_train_epochs, train_batch_size"))
  }

  private func expect(_ key: String, toMean meant: String) {
    let found = problems("\(key)=1")
    #expect(found.count == 1)
    let message = found.values.first ?? ""
    #expect(message.contains("did you mean \(meant)?"), "\(message)")
  }
}
