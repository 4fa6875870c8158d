import ArgumentParser
import Data

/// The columns of a data file, for commands without a configuration.
struct ColumnArguments: ParsableArguments {
  @Option(help: ArgumentHelp("The column that holds the text.", valueName: "column"))
  var textColumn = "text"

  @Option(
    help: ArgumentHelp(
      "The column of a CSV file that holds all labels of a row. (default: one column a label)",
      valueName: "column"))
  var labelsColumn: String?

  @Option(help: ArgumentHelp("What stands between two labels in that column.", valueName: "text"))
  var labelsSeparator = ","

  @Option(
    help: ArgumentHelp(
      "What a label cell holds where nobody knows; such cells count nowhere.", valueName: "text"))
  var unknownLabel = DataColumns.usualUnknownLabel

  @Option(help: ArgumentHelp("What an empty label cell says: error or unknown."))
  var emptyCells = EmptyCells.error

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
      "A column of a CSV file that is neither text nor id nor labels. Repeatable.",
      valueName: "column"))
  var ignoredColumns: [String] = []

  var columns: DataColumns {
    var columns = DataColumns()
    columns.text = textColumn
    columns.id = idColumn
    columns.labels = labelsColumn
    columns.labelsSeparator = labelsSeparator
    (columns.unknownLabel, columns.unknownColumn) = (unknownLabel, unknownColumn)
    columns.emptyCells = emptyCells
    columns.ignored = ignoredColumns
    return columns
  }
}

extension EmptyCells: ExpressibleByArgument {}
