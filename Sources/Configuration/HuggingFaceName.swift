// Names that users bring from the Hugging Face `Trainer` and its example scripts, and that mean
// something else, or are called otherwise, here. Names that are the same need no line.

/// What stands here for a name from elsewhere.
struct HuggingFaceName: Sendable {
  /// The sentence that tells the user.
  let advice: String

  /// What stands for `key`; nil if nothing is known about it.
  static func named(_ key: String) -> HuggingFaceName? {
    if let (path, note) = renamed[key] {
      return HuggingFaceName(advice: "did you mean \(path)?" + (note.isEmpty ? "" : " (\(note))"))
    }
    return absent[key].map { HuggingFaceName(advice: $0) }
  }

  private static let wholeStep = "it counts the rows of a whole step, over all ranks"
  private static let pieces =
    "a step always has train_batch_size rows; microbatches is into how many pieces it is cut"

  private static let renamed: [String: (path: String, note: String)] = [
    "per_device_train_batch_size": ("training.train_batch_size", wholeStep),
    "per_gpu_train_batch_size": ("training.train_batch_size", wholeStep),
    "batch_size": ("training.train_batch_size", wholeStep),
    "gradient_accumulation_steps": ("training.microbatches", pieces),
    "per_device_eval_batch_size": ("evaluation.eval_batch_tokens", "it counts tokens, not rows"),
    "eval_batch_size": ("evaluation.eval_batch_tokens", "it counts tokens, not rows"),
    "num_epochs": ("training.num_train_epochs", ""),
    "epochs": ("training.num_train_epochs", ""),
    "lr": ("training.learning_rate", ""),
    "lr_scheduler": ("training.lr_scheduler_type", ""),
    "warmup_steps": ("training.warmup_ratio", "it is the share of all steps"),
    "adam_eps": ("training.adam_epsilon", ""),
    "gradient_clipping": ("training.max_grad_norm", ""),
    "bf16": ("training.precision", "set it to \"bf16\""),
    "fp16": ("training.precision", "it is \"fp32\" or \"bf16\""),
    "data_seed": ("training.seed", ""),
    "logging_strategy": ("training.logging_steps", ""),
    "evaluation_strategy": ("evaluation.eval_strategy", ""),
    "early_stopping_patience": ("early_stopping.patience", ""),
    "early_stopping_threshold": ("early_stopping.threshold", ""),
    "model_name_or_path": ("model.name_or_path", ""),
    "pretrained_model_name_or_path": ("model.name_or_path", ""),
    "model_name": ("model.name_or_path", ""),
    "max_seq_length": ("model.max_length", ""),
    "dropout": ("model.hidden_dropout_prob", ""),
    "attention_dropout": ("model.attention_probs_dropout_prob", ""),
    "train_file": ("data.train", ""),
    "validation_file": ("data.validation", ""),
    "test_file": ("data.test", ""),
    "text_column_name": ("data.text_column", ""),
    "label_column": ("data.labels_column", ""),
    "label_column_name": ("data.labels_column", ""),
    "logging_dir": ("output_dir", ""),
  ]

  private static let absent: [String: String] = [
    "load_best_model_at_end":
      "best/ in output_dir always holds the best model by early_stopping.metric_for_best_model",
    "overwrite_output_dir": "give --overwrite on the command line",
    "resume_from_checkpoint": "give --resume on the command line",
    "optim": "the optimizer is always AdamW",
    "problem_type": "every model here is multi_label_classification",
    "num_labels": "the labels are those of the training data",
  ]
}
