import Data
import Storage

/// Options of `ddp-train predict`.
public struct PredictOptions: Sendable, Equatable {
  /// Directory of a saved model, also where it was given as that of its run.
  public let model: String
  /// Data file; labels in it are passed over.
  public var input: String
  /// File for the predictions.
  public var output: String
  /// Its form.
  public var format: PredictionFormat
  /// What the columns of labels hold, where each label has one.
  public var cell = PredictionCell.decision
  /// A row gets its K most probable labels, whatever the model's thresholds say; with `threshold`,
  /// those of them that reach it.
  public var topK: Int?
  /// Probability from which a label is given, in place of the model's own thresholds.
  public var threshold: Double?
  /// How many of the words and features that speak most for it each label brings; nil for none.
  /// Needs a model with a linear part or label attention.
  public var reasons: Int?
  /// Whether each line also brings all logits, in label order; of `cell` they take the place.
  public var logits = false
  /// Whether the rows of a stream are answered while it stays open.
  public var answersAtOnce = false
  /// Columns of the data file.
  public var columns = DataColumns()

  /// Options of a prediction; see the properties for the rest.
  public init(model: String, input: String, output: String) {
    self.model = modelDirectory(of: model)
    self.input = input
    self.output = output
    format = PredictionFormat(ofFile: output)
  }
}
