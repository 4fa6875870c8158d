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

  @Argument(help: "The labeled rows: CSV, TSV or JSON Lines.")
  var data: String

  @Option(help: ArgumentHelp("What everything together may take.", valueName: "N"))
  var minutes = 30.0

  @Option(
    help: ArgumentHelp(
      "What the model is chosen and thresholds are tuned for: micro_f1, macro_f1 or samples_f1.",
      valueName: "metric"))
  var optimize = FitOptions.Goal.microF1

  @Option(help: ArgumentHelp("The column of the text.", valueName: "column"))
  var text: String?

  @Option(
    help: ArgumentHelp(
      "The label columns, separated by commas; tag_* stands for all that begin so.",
      valueName: "columns"))
  var labels: String?

  @Option(help: ArgumentHelp("The column of all label names of a row.", valueName: "column"))
  var labelsColumn: String?

  @Option(help: ArgumentHelp("What stands between two label names.", valueName: "text"))
  var labelsSeparator: String?

  @Option(help: ArgumentHelp("The column of the row's id.", valueName: "column"))
  var id: String?

  @Option(
    help: ArgumentHelp("Columns that are no labels, separated by commas.", valueName: "columns"))
  var ignore: String?

  @Option(
    help: ArgumentHelp(
      "Rows with the same value here are not divided between training and test.",
      valueName: "column"))
  var group: String?

  @OptionGroup var form: FormArguments

  @Option(
    help: ArgumentHelp("Rows to choose by. (default: a tenth of the rows)", valueName: "file"))
  var validation: String?

  @Option(help: ArgumentHelp("Rows to test on. (default: a tenth of the rows)", valueName: "file"))
  var test: String?

  @Option(
    help: ArgumentHelp(
      "The directory of a pretrained encoder. (default: \(FitOptions.defaultEncoder))",
      valueName: "directory"))
  var encoder: String?

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
    if labels != nil, labelsColumn != nil {
      throw ValidationError("--labels and --labels-column exclude each other; give one of the two.")
    }
  }

  func run() throws {
    var options = FitOptions(data: data)
    options.minutes = minutes
    options.goal = optimize
    options.columns.text = text
    options.columns.labels = Self.list(labels)
    options.columns.labelsColumn = labelsColumn
    options.columns.labelsSeparator = labelsSeparator
    options.columns.id = id
    options.columns.dialect = form.dialect
    options.columns.labelNames = form.names
    options.columns.emptyCells = form.emptyCells
    options.columns.emptyTexts = form.emptyTexts
    options.columns.ignored = Self.list(ignore) + [group].compactMap(\.self)
    options.group = group
    options.validation = validation
    options.test = test
    options.encoder = encoder
    options.output = output
    options.resumes = resume
    options.planOnly = plan
    try runFit(options)
  }

  private static func list(_ text: String?) -> [String] {
    (text ?? "").split(separator: ",").map(String.init)
  }
}

extension FitOptions.Goal: ExpressibleByArgument {}
