import ArgumentParser
import Configuration
import Tools

struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compares finished runs on the same test rows.",
    discussion: """
      Each run's best model answers the same labeled rows. F1 is by the model's own thresholds; \
      the difference of each run to the first one is shown with a 95 % interval: where that holds \
      0, these rows don't tell the two apart.

        ddp-train compare runs/linear runs/bert
      """)

  @Argument(
    help: ArgumentHelp(
      "Output directories of runs, or directories of saved models; the first is what the others "
        + "are compared with.", valueName: "run"))
  var runs: [String]

  @Option(
    help: ArgumentHelp(
      "The labeled rows, JSON Lines or CSV. (default: data.test of the runs' configs)",
      valueName: "file"))
  var data: String?

  @Option(help: ArgumentHelp("Write all figures to this JSON file too.", valueName: "file"))
  var output: String?

  // What version 0.1 had: a number of resamples for the intervals.
  @Option(help: .hidden) var bootstrapSamples: Int?

  @OptionGroup var columns: ColumnArguments

  func validate() throws {
    guard runs.count >= 2 else {
      throw ValidationError("wanted two runs or more, found \(runs.count).")
    }
  }

  func run() throws {
    var options = CompareOptions(runs: runs)
    options.data = data
    options.output = output
    options.columns = columns.columns
    try runComparison(options)
  }
}
