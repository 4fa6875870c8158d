import Data

/// Options of `ddp-train ensemble`.
public struct EnsembleOptions: Sendable, Equatable {
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

  /// Options of an ensemble; see the properties for the rest.
  public init(bert: String, linear: String, output: String) {
    self.bert = bert
    self.linear = linear
    self.output = output
  }
}
