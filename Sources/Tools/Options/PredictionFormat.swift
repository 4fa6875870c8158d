/// In which form `ddp-train predict` writes.
public enum PredictionFormat: String, Sendable, CaseIterable {
  /// One JSON object a row.
  case jsonl
  /// CSV with a line for each label that a row is given: id, label, score, probability. A row without labels has
  /// a line without any.
  case long
  /// CSV with a line for each row and a column for each label.
  case wide
  /// The logits alone: for each row a number of single precision for each label, its four bytes in
  /// little-endian order. NaN where a row has no text.
  case raw

  /// That of a file whose name says it: CSV with a column a label for `.csv`, else JSON Lines.
  public init(ofFile path: String) {
    self = path.lowercased().hasSuffix(".csv") ? .wide : .jsonl
  }
}

/// What stands in the columns of the labels.
public enum PredictionCell: String, Sendable {
  /// 1 where the row is given the label, else 0.
  case decision
  /// σ of the logit, which thresholds are compared with.
  case score
  /// The calibrated probability.
  case probability
  /// The logit.
  case logit
}
