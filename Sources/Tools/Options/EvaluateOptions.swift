import Configuration
import Data
import Storage

/// Options of `ddp-train evaluate`.
public struct EvaluateOptions: Sendable, Equatable {
  /// Directory of a saved model, also where it was given as that of its run.
  public let model: String
  /// Data file with labels.
  public var data: String
  /// JSON file for the metrics; nil prints them only.
  public var output: String?
  /// CSV file for the figures of each label; nil writes none.
  public var labels: String?
  /// The k of the ranking metrics; empty for those of the model's training.
  public var topK: [Int] = []
  /// Whether F1 gets confidence intervals.
  public var confidenceIntervals = true
  /// Columns of the data file.
  public var columns = DataColumns()

  /// Options of an evaluation; see the properties for the rest.
  public init(model: String, data: String) {
    self.model = modelDirectory(of: model)
    self.data = data
  }
}
