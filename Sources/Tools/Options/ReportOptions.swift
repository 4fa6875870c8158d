/// Options of `ddp-train report`.
public struct ReportOptions: Sendable, Equatable {
  /// The output directory of a finished run.
  public var run: String
  /// The run that it is compared with; nil for a report of one run.
  public var base: String?
  /// Path of the page; nil puts it beside the run's other files.
  public var output: String?
  /// Whether texts of rows may be shown.
  public var showsTexts = true

  /// Options of a report; see the properties for the rest.
  public init(run: String) {
    self.run = run
  }
}
