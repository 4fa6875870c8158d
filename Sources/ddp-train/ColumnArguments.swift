import ArgumentParser
import Data

/// The columns of a data file, for commands without a configuration.
struct ColumnArguments: ParsableArguments {
  @Option(help: ArgumentHelp("The column that holds the text.", valueName: "column"))
  var textColumn = "text"

  @Option(
    help: ArgumentHelp(
      "The column that holds all labels of a row. (default: one column a label)",
      valueName: "column"))
  var labelsColumn: String?

  @Option(
    help: ArgumentHelp(
      "What stands between two labels in that column. (default: a comma)", valueName: "text"))
  var labelsSeparator: String?

  @Option(
    help: ArgumentHelp(
      "What a label cell holds where nobody knows; such cells count nowhere.", valueName: "text"))
  var unknownLabel = DataColumns.usualUnknownLabel

  @Option(
    help: ArgumentHelp(
      "The column that holds the labels nobody knows, beside one of names. (JSON Lines: unknown)",
      valueName: "column"))
  var unknownColumn: String?

  @Option(
    help: ArgumentHelp(
      "The column that holds the row's id, where there is one.", valueName: "column"))
  var idColumn = "id"

  @Option(
    name: .customLong("ignore-column"),
    help: ArgumentHelp(
      "A column that is neither text nor id nor labels. Repeatable.", valueName: "column"))
  var ignoredColumns: [String] = []

  @OptionGroup var form: FormArguments

  var columns: DataColumns {
    var columns = DataColumns()
    columns.style = .options
    columns.text = textColumn
    columns.id = idColumn
    columns.labels = labelsColumn
    columns.labelsSeparator = labelsSeparator
    (columns.unknownLabel, columns.unknownColumn) = (unknownLabel, unknownColumn)
    columns.ignored = ignoredColumns
    columns.dialect = form.dialect
    columns.labelNames = form.names
    columns.emptyCells = form.emptyCells
    columns.emptyTexts = form.emptyTexts
    return columns
  }
}

/// How a data file is written, where it does not say so itself.
struct FormArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What stands between two fields: a character, or \\t. (default: what the header shows)",
      valueName: "text"))
  var separator: String?

  @Option(
    help: ArgumentHelp(
      "What double quotes mean: minimal (as in CSV) or none (ordinary characters).",
      valueName: "quoting"))
  var quoting: DataDialect.Quoting?

  @Option(
    help: ArgumentHelp(
      "The names of the columns of a file without a header, separated by commas.",
      valueName: "columns"))
  var columnNames: String?

  @Option(
    help: ArgumentHelp(
      "A file with a label's name a line, where rows give labels as numbers or as lists of 0 and 1; "
        + "or the names, separated by commas.",
      valueName: "file"))
  var labelNames: String?

  @Option(
    help: ArgumentHelp(
      "What an empty label cell means: error, zero (the label does not hold) or unknown (nobody "
        + "knows).",
      valueName: "meaning"))
  var emptyCells = DataColumns.EmptyCells.error

  @Option(
    help: ArgumentHelp(
      "What a row without a text means: error, or skip (it is left out).", valueName: "meaning"))
  var emptyTexts = DataColumns.EmptyTexts.error

  func validate() throws {
    guard emptyTexts != .keep else {
      throw ValidationError("--empty-texts: wanted error or skip, found keep.")
    }
  }

  var dialect: DataDialect {
    var dialect = DataDialect()
    dialect.separator = separator
    dialect.quoting = quoting
    dialect.columnNames = columnNames.map { $0.split(separator: ",").map(String.init) } ?? []
    return dialect
  }

  /// A text with commas that names no file is a list of names.
  var names: LabelNames? {
    labelNames.map { text in
      text.contains(",") ? .list(text.split(separator: ",").map(String.init)) : .file(text)
    }
  }
}

extension DataDialect.Quoting: ExpressibleByArgument {}
extension DataColumns.EmptyCells: ExpressibleByArgument {}
extension DataColumns.EmptyTexts: ExpressibleByArgument {}
