import Configuration
import Data

/// Options of `ddp-train compare`.
public struct CompareOptions: Sendable, Equatable {
  /// Directories of runs, or of saved models; the first is what the others are compared with.
  public var runs: [String]
  /// Data file with labels; nil takes `data.test` of the runs, which must be the same.
  public var data: String?
  /// JSON file for all figures; nil prints them only.
  public var output: String?
  /// Columns of `data`; those of the first run's config where that is nil.
  public var columns = DataColumns()

  /// Options of a comparison; see the properties for the rest.
  public init(runs: [String]) {
    self.runs = runs
  }
}
