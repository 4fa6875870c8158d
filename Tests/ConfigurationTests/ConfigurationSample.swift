import Configuration
import Objectives
import Storage

/// The configuration as the documentation shows it, with every key at its default.
let documentedConfiguration = """
  {
    "model":  { "name_or_path": "models/all-MiniLM-L6-v2", "max_length": 256,
                "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1, "pooling": "auto",
                "classifier_bias_init": "prior" },
    "data":   { "train": "data/train.jsonl", "validation": "data/valid.jsonl",
                "test": "data/test.jsonl" },
    "loss":   { "type": "bce", "pos_weight": "none" },
    "training": { "num_train_epochs": 3, "train_batch_size": 64, "microbatches": 8,
                  "learning_rate": 1e-4, "classifier_learning_rate": 5e-3,
                  "weight_decay": 0.01, "adam_beta1": 0.9, "adam_beta2": 0.999,
                  "adam_epsilon": 1e-8, "lr_scheduler_type": "linear", "warmup_ratio": 0.06,
                  "max_grad_norm": 1.0, "precision": "auto", "seed": 42, "logging_steps": 10,
                  "max_steps": null },
    "evaluation": { "eval_strategy": "epoch", "eval_steps": null, "threshold": "global",
                    "top_k": [1, 3, 5] },
    "early_stopping": { "metric_for_best_model": "micro_f1_global", "greater_is_better": true,
                        "patience": 3, "threshold": 0.0 },
    "checkpointing": { "save_strategy": "epoch", "save_steps": null, "save_total_limit": 2 },
    "report_to": [], "output_dir": "runs/debtags"
  }
  """

/// The shortest configuration: what is required and nothing else.
let shortestConfiguration = """
  {"model": {"name_or_path": "m"}, "data": {"train": "t.jsonl"}, "output_dir": "o"}
  """

/// The shortest configuration with overrides.
func shortest(_ overrides: String...) throws -> Configuration {
  try Configuration(text: shortestConfiguration, overrides: overrides)
}

/// What is wrong with the shortest configuration with overrides: key → message.
func problems(_ overrides: String...) -> [String: String] {
  do {
    _ = try Configuration(text: shortestConfiguration, overrides: overrides)
    return [:]
  } catch {
    guard case .invalid(_, let problems) = error else { return ["": "\(error)"] }
    return Dictionary(problems.map { ($0.key, $0.message) }) { "\($0); \($1)" }
  }
}
