import ArgumentParser
import Tools

/// A file of labeled rows whose columns are found out, for commands without a configuration.
struct LabeledRowsArguments: ParsableArguments {
  @Argument(help: "The labeled rows: CSV, TSV or JSON Lines.")
  var data: String

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

  func validate() throws {
    if labels != nil, labelsColumn != nil {
      throw ValidationError("--labels and --labels-column exclude each other; give one of the two.")
    }
  }

  /// The options that these arguments set.
  var options: FitOptions {
    var options = FitOptions(data: data)
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
    return options
  }

  private static func list(_ text: String?) -> [String] {
    (text ?? "").split(separator: ",").map(String.init)
  }
}
