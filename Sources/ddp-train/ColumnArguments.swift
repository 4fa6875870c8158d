import ArgumentParser
import Training

/// The columns of a data file, for commands without a configuration.
struct ColumnArguments: ParsableArguments {
  @Option(help: "The column that holds the text.")
  var textColumn = "text"

  @Option(
    help: "The column of a CSV file that holds all labels of a row. (default: one column a label)")
  var labelsColumn: String?

  @Option(help: "What stands between two labels in that column.")
  var labelsSeparator = ","

  @Option(help: "The column that holds the row's id, where there is one.")
  var idColumn = "id"

  var columns: DataColumns {
    DataColumns(
      text: textColumn, labels: labelsColumn, labelsSeparator: labelsSeparator, id: idColumn)
  }
}
