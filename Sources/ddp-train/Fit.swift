import ArgumentParser
import Tools

struct Fit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit",
    abstract: "Makes a tested model of a file of labeled rows, without a config.",
    discussion: """
      Finds the columns, sets rows aside, trains a linear model and then an encoder within \
      --minutes, makes an ensemble of both, tunes thresholds, and takes what is best on the \
      validation rows. Start it under mpirun to use several processes. Interrupted, it goes on \
      with --resume.

        mpirun -n 4 ddp-train fit rows.csv --minutes 30
      """)

  @OptionGroup var rows: LabeledRowsArguments

  @Option(help: ArgumentHelp("What everything together may take.", valueName: "N"))
  var minutes = 30.0

  @Option(
    help: ArgumentHelp(
      "What the model is chosen and thresholds are tuned for: micro_f1, macro_f1 or samples_f1.",
      valueName: "metric"))
  var optimize = FitOptions.Goal.microF1

  @Option(
    help: ArgumentHelp(
      "The directory to write. (default: one in runs/, named after the file)",
      valueName: "directory"))
  var output: String?

  @Flag(help: "Go on with an interrupted fit.")
  var resume = false

  @Flag(help: "Say what the columns are taken for, and stop.")
  var plan = false

  func validate() throws {
    guard minutes > 0, minutes <= 1e6 else {
      throw ValidationError(
        "--minutes: wanted a number greater than 0 and at most 1,000,000, found \(minutes).")
    }
  }

  func run() throws {
    var options = rows.options
    options.minutes = minutes
    options.goal = optimize
    options.output = output
    options.resumes = resume
    options.planOnly = plan
    try runFit(options)
  }
}

extension FitOptions.Goal: ExpressibleByArgument {}
