import Configuration
import Data

/// Options of `ddp-train thresholds`.
public struct ThresholdsOptions: Sendable, Equatable {
  /// Directory of a run that has ended, or of a saved model alone.
  public var model: String
  /// By what labels are decided from now on.
  public var threshold: EvaluationSettings.Threshold
  /// Labeled rows to tune on; nil takes the run's validation rows.
  public var data: String?
  /// Columns of `data`.
  public var columns = DataColumns()

  /// Options of the command; see the properties for the rest.
  public init(model: String, threshold: EvaluationSettings.Threshold) {
    self.model = model
    self.threshold = threshold
  }
}
