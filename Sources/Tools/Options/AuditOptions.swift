/// Options of `ddp-train audit`.
public struct AuditOptions: Sendable, Equatable {
  /// The rows, as a fit would take them.
  public var data: FitOptions
  /// File for what is found, as `audit.json` of a run has it; nil for none.
  public var output: String?

  /// Options for the rows of a file.
  public init(_ data: FitOptions) { self.data = data }
}
