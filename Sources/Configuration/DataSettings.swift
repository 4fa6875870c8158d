import Data

/// The section `data`: the files, and how rows are found in them.
public struct DataSettings: Sendable, Equatable {
  /// Path of the training rows, JSON Lines or CSV. Required.
  public var train = ""
  /// Path of the validation rows; nil splits `validationFraction` of the training rows off.
  public var validation: String?
  /// Path of the test rows; nil where there are none.
  public var test: String?
  /// The share of the training rows that becomes the validation rows where there is no file of them.
  public var validationFraction = 0.1
  /// Column (CSV) or name (JSON Lines) of the text.
  public var textColumn = "text"
  /// Column of a CSV file that holds all labels of a row; nil where each label has its own column.
  public var labelsColumn: String?
  /// What stands between two labels in `labelsColumn`.
  public var labelsSeparator = ","
  /// Column (CSV) or name (JSON Lines) of the row's id, which need not exist.
  public var idColumn = "id"
  /// Columns of a CSV file that are neither text nor id nor labels.
  public var ignoredColumns: [String] = []
  /// Directory of the token cache; nil is a place of this machine's, see
  /// `Configuration.cacheDirectory`.
  public var cacheDirectory: String?

  /// t of repeat-factor sampling: rows with labels that fewer than this share of the rows have are
  /// taken more often; nil takes each row once an epoch.
  public var oversampleRare: Double?

  /// The defaults; the training rows are not named yet.
  public init() {}

  /// The columns, as the readers of data files take them.
  public var columns: DataColumns {
    var columns = DataColumns()
    columns.text = textColumn
    columns.id = idColumn
    columns.labels = labelsColumn
    columns.labelsSeparator = labelsSeparator
    columns.ignored = ignoredColumns
    return columns
  }
}

extension DataSettings: Settings {
  static let keys: [SettingsKey<Self>] = [
    SettingsKey("train", \.train, .text("a path")),
    SettingsKey("validation", \.validation, orNull: .text("a path")),
    // Only the report at the end reads it.
    SettingsKey("test", \.test, orNull: .text("a path"), onResume: .harmless),
    SettingsKey("validation_fraction", \.validationFraction, .number(.above(0).below(1))),
    SettingsKey("text_column", \.textColumn, .text("a column's name")),
    SettingsKey("labels_column", \.labelsColumn, orNull: .text("a column's name")),
    SettingsKey("labels_separator", \.labelsSeparator, .text("what stands between two labels")),
    SettingsKey("id_column", \.idColumn, .text("a column's name")),
    SettingsKey("ignored_columns", \.ignoredColumns, .texts("columns' names")),
    SettingsKey("cache_dir", \.cacheDirectory, orNull: .text("a directory"), onResume: .harmless),
    SettingsKey(
      "oversample_rare", \.oversampleRare, orNull: .number(.above(0).below(1))),
  ]

  mutating func finish(_ reader: SettingsReader) {
    if !reader.isGiven("train") {
      reader.report("train", "is missing; give the path of the training rows (JSON Lines or CSV)")
    }
    let columns = [("text_column", textColumn), ("id_column", idColumn)]
    for (key, column) in columns where column == labelsColumn {
      reader.report("labels_column", "names the same column as \(key), \"\(column)\"")
    }
    if textColumn == idColumn {
      reader.report("id_column", "names the same column as text_column, \"\(textColumn)\"")
    }
  }
}
