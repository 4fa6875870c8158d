import Objectives

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
  public var metric = Self.defaultMetric
  /// F1 at the threshold that is tuned on validation.
  public static let defaultMetric = MetricName.sweepDefault.description
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
