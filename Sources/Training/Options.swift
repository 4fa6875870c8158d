// What the command line says, as plain values: one structure a command.

import Data

/// What `train` does where `output_dir` already holds a run.
public enum ExistingRun: Sendable, Equatable {
  /// Stop with a message that names `--resume` and `--overwrite`.
  case refuse
  /// Go on from the newest valid checkpoint; start fresh where there is none.
  case resume
  /// Start anew, and remove the old run.
  case overwrite
}

/// Options of `ddp-train train`.
public struct TrainOptions: Sendable, Equatable {
  /// Path of the configuration file.
  public var configuration: String
  /// `key.path=value` texts, applied in order.
  public var overrides: [String]
  /// What happens to a run that `output_dir` already holds.
  public var existingRun: ExistingRun
  /// Whether to print the plan and stop before training.
  public var dryRun: Bool

  /// Options of a training command.
  public init(
    configuration: String, overrides: [String] = [], existingRun: ExistingRun = .refuse,
    dryRun: Bool = false
  ) {
    self.configuration = configuration
    self.overrides = overrides
    self.existingRun = existingRun
    self.dryRun = dryRun
  }
}

/// Options of `ddp-train sweep`.
public struct SweepOptions: Sendable, Equatable {
  /// Path of the configuration file.
  public var configuration: String
  /// `key.path=value` texts, applied in order, of all variants.
  public var overrides: [String] = []
  /// `key.path=value,value,…` or `key.path=A..B` texts: what differs between variants.
  public var variations: [String]
  /// How many variants are drawn from all; nil runs all.
  public var randomCount: Int?
  /// The key of those draws.
  public var seed = 0
  /// By what variants are compared: a metric of the evaluation.
  public var metric = SweepMetric.defaultName
  /// The sweep's directory; nil is the configuration's `output_dir` with `-sweep` at its end.
  public var output: String?
  /// Evaluations after which a variant that falls behind is given up at the earliest; nil never.
  public var pruneAfter: Int? = 3
  /// Whether a sweep that the directory holds is removed.
  public var overwrites = false
  /// Whether to stop after all variants were checked.
  public var dryRun = false

  /// Options of a sweep; see the properties for the rest.
  public init(configuration: String, variations: [String]) {
    self.configuration = configuration
    self.variations = variations
  }
}

/// Options of `ddp-train evaluate`.
public struct EvaluateOptions: Sendable, Equatable {
  /// Directory of a saved model.
  public var model: String
  /// Data file with labels.
  public var data: String
  /// JSON file for the metrics; nil prints them only.
  public var output: String?
  /// CSV file for the figures of each label; nil writes none.
  public var labels: String?
  /// The k of the ranking metrics; empty for those of the model's training.
  public var topK: [Int]
  /// Resamples of the rows for the intervals of F1; 0 for none.
  public var bootstrapSamples: Int
  /// Columns of the data file.
  public var columns: DataColumns

  /// Options of an evaluation.
  public init(
    model: String, data: String, output: String? = nil, labels: String? = nil, topK: [Int] = [],
    bootstrapSamples: Int = EvaluationSettings().bootstrapSamples,
    columns: DataColumns = DataColumns()
  ) {
    self.model = model
    self.data = data
    self.output = output
    self.labels = labels
    self.topK = topK
    self.bootstrapSamples = bootstrapSamples
    self.columns = columns
  }
}

/// Options of `ddp-train compare`.
public struct CompareOptions: Sendable, Equatable {
  /// Directories of runs, or of saved models; the first is what the others are compared with.
  public var runs: [String]
  /// Data file with labels; nil takes `data.test` of the runs, which must be the same.
  public var data: String?
  /// JSON file for all figures; nil prints them only.
  public var output: String?
  /// Resamples of the rows for the intervals of the differences.
  public var bootstrapSamples = EvaluationSettings().bootstrapSamples
  /// Columns of `data`; those of the first run's config where that is nil.
  public var columns = DataColumns()

  /// Options of a comparison; see the properties for the rest.
  public init(runs: [String]) {
    self.runs = runs
  }
}

/// Options of `ddp-train join`.
public struct JoinOptions: Sendable, Equatable {
  /// Directory of a BERT's run, or of a saved model.
  public var bert: String
  /// Directory of a linear model's run, or of a saved model.
  public var linear: String
  /// Directory of the joined model.
  public var output: String
  /// Labeled rows to tune on; nil takes `data.validation` of the BERT's run.
  public var data: String?
  /// What the linear model's logits are multiplied by; nil tunes it.
  public var scale: Double?
  /// What goes into `thresholds.json`.
  public var threshold = Threshold.global
  /// Columns of `data`.
  public var columns = DataColumns()

  /// Probabilities tuned on the labeled rows, as `evaluation.threshold` names them.
  public enum Threshold: String, Sendable, CaseIterable {
    /// One for all labels, for micro-F1.
    case global
    /// One for each label, from calibrated scores.
    case perLabel = "per_label"
  }

  /// Options of a join; see the properties for the rest.
  public init(bert: String, linear: String, output: String) {
    self.bert = bert
    self.linear = linear
    self.output = output
  }
}

/// Options of `ddp-train predict`.
public struct PredictOptions: Sendable, Equatable {
  /// Directory of a saved model.
  public var model: String
  /// Data file; labels in it are passed over.
  public var input: String
  /// JSON Lines file for the predictions.
  public var output: String
  /// A row gets its K most probable labels, whatever the model's thresholds say; with `threshold`,
  /// those of them that reach it.
  public var topK: Int?
  /// Probability from which a label is given, in place of the model's own thresholds.
  public var threshold: Double?
  /// How many of the features that speak most for it each label brings; nil for none. Needs a model with a
  /// linear part.
  public var reasons: Int?
  /// Whether each line also brings all logits, in label order.
  public var logits: Bool
  /// Columns of the data file.
  public var columns: DataColumns

  /// Options of a prediction.
  public init(
    model: String, input: String, output: String, topK: Int? = nil, threshold: Double? = nil,
    reasons: Int? = nil, logits: Bool = false, columns: DataColumns = DataColumns()
  ) {
    self.model = model
    self.input = input
    self.output = output
    self.topK = topK
    self.threshold = threshold
    self.reasons = reasons
    self.logits = logits
    self.columns = columns
  }
}

/// Options of `ddp-train tokenize`, which reads standard input and writes standard output.
public struct TokenizeOptions: Sendable, Equatable {
  /// Directory that holds the tokenizer's files.
  public var model: String
  /// Most tokens of a line, [CLS] and [SEP] included; nil cuts nothing.
  public var maxLength: Int?

  /// Options of a tokenization.
  public init(model: String, maxLength: Int? = nil) {
    self.model = model
    self.maxLength = maxLength
  }
}
