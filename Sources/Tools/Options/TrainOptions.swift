import Reporting
import Runs

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

  /// How much is said on the way.
  public var verbosity: Verbosity

  /// Options of a training command.
  public init(
    configuration: String, overrides: [String] = [], existingRun: ExistingRun = .refuse,
    dryRun: Bool = false, verbosity: Verbosity = .normal
  ) {
    self.configuration = configuration
    self.overrides = overrides
    self.existingRun = existingRun
    self.dryRun = dryRun
    self.verbosity = dryRun ? .verbose : verbosity
  }
}
