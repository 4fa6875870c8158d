import ArgumentParser
import Tools

struct WriteReport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Writes the report of a finished run: a page for a browser.",
    discussion: """
      Which labels are bad and why, whether the model is still learning, and what to do next: one HTML \
      file that needs no network. A run writes it at its end as report.html; this command writes it anew, \
      or compares two runs that were tested on the same rows.

        ddp-train report runs/bert
        ddp-train report runs/linear runs/bert      # what has changed from the first to the second
      """)

  @Argument(
    help: ArgumentHelp(
      "Output directory of a run that has ended, or two of them.", valueName: "run"))
  var runs: [String]

  @Option(
    help: ArgumentHelp(
      "The page. (default: report.html in the run, or comparison.html in the second one)",
      valueName: "file"))
  var output: String?

  @Flag(
    name: .customLong("no-examples"),
    help: "Leave out the texts of rows and their ids, where they are confidential.")
  var noExamples = false

  func validate() throws {
    guard (1...2).contains(runs.count) else {
      throw ValidationError("wanted one run or two, found \(runs.count).")
    }
  }

  func run() throws {
    var options = ReportOptions(run: runs[runs.count - 1])
    options.base = runs.count == 2 ? runs[0] : nil
    options.output = output
    options.showsTexts = !noExamples
    try runReport(options)
  }
}
