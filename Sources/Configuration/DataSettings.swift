import Data

/// The section `data`: the files, and how rows are found in them.
public struct DataSettings: Sendable, Equatable {
  /// Path of the training rows, JSON Lines or CSV. Required.
  public var train = ""
  /// Path of the validation rows; nil splits `validationFraction` of the training rows off.
  public var validation: String?
  /// Path of the test rows; nil if there are none.
  public var test: String?
  /// The share of the training rows that becomes the validation rows if there is no
  /// file of them.
  public var validationFraction = 0.1
  /// The share of the training rows that becomes the test rows if there is no file of them.
  public var testFraction = 0.0
  /// How rows are set aside.
  public var split = SplitRule.stratified
  /// The key of what a split draws.
  public var splitSeed = 42
  /// Column or name whose equal values keep rows in one part of a split; nil goes by equal texts.
  public var groupColumn: String?
  /// Column or name of the date by which rows are set aside, the newest for the test; nil splits by
  /// `split`.
  public var dateColumn: String?
  /// Column (CSV) or name (JSON Lines) of the text.
  public var textColumn = "text"
  /// Column or name that holds all labels of a row; nil where each label has its own column, or the
  /// name is `labels`.
  public var labelsColumn: String?
  /// What stands between two labels in `labelsColumn`; nil is a comma, unless the file looks
  /// otherwise.
  public var labelsSeparator: String?
  /// The names of labels that rows give by numbers.
  public var labelNames: LabelNames?
  /// What a label cell holds where nobody knows whether the label holds, as text; nil if no cell is
  /// unknown.
  public var unknownLabel: String? = DataColumns.usualUnknownLabel
  /// Column or name of the labels that nobody knows, beside that of a row's labels; nil is
  /// `unknown` for JSON.
  public var unknownColumn: String?
  /// Column (CSV) or name (JSON Lines) of the row's id, which need not exist.
  public var idColumn = "id"
  /// Columns that are neither text nor id nor labels.
  public var ignoredColumns: [String] = []
  /// What stands between two fields, what quotes mean, and names of columns without a header.
  public var dialect = DataDialect()
  /// What an empty label cell means.
  public var emptyCells = DataColumns.EmptyCells.error
  /// What a row without a text means.
  public var emptyTexts = DataColumns.EmptyTexts.error
  /// How messages name what settles a doubt: by these keys, unless a command made the
  /// configuration.
  package var style = SettingStyle.configuration
  /// Directory of the token cache; nil is a place of this machine's, see
  /// `Configuration.cacheDirectory`.
  public var cacheDirectory: String?

  /// t of repeat-factor sampling: rows with labels that fewer than this share of the rows have are
  /// taken more often; nil takes each row once an epoch.
  public var oversampleRare: Double?

  /// The defaults; the training rows are not named yet.
  public init() {}

  /// Whether rows of the training file are set aside for another part.
  public var isSplit: Bool { validation == nil || testFraction > 0 }

  /// The columns, as the readers of data files take them.
  /// - Parameter splits: whether the rows of the file are to be split.
  public func columns(splits: Bool = false) -> DataColumns {
    var columns = DataColumns()
    if splits {
      (columns.group, columns.date) = (groupColumn, dateColumn)
    } else {
      columns.ignored = [groupColumn, dateColumn].compactMap(\.self)
    }
    columns.text = textColumn
    columns.id = idColumn
    columns.labels = labelsColumn
    columns.labelsSeparator = labelsSeparator
    (columns.unknownLabel, columns.unknownColumn) = (unknownLabel, unknownColumn)
    columns.labelNames = labelNames
    columns.ignored += ignoredColumns
    columns.dialect = dialect
    (columns.emptyCells, columns.emptyTexts) = (emptyCells, emptyTexts)
    columns.style = style
    return columns
  }
}

extension DataSettings: Settings {
  static let keys: [SettingsKey<Self>] = [
    // Files may move: a resumed run compares their rows.
    SettingsKey("train", \.train, .text("a path"), onResume: .harmless)
      .means(
        "The training rows: JSON Lines, CSV or TSV, also gzipped. The label set is theirs. Required."
      ),
    SettingsKey("validation", \.validation, orNull: .text("a path"), onResume: .harmless)
      .means("Rows that early stopping, the best model and thresholds go by."),
    // Only the report at the end reads it.
    SettingsKey("test", \.test, orNull: .text("a path"), onResume: .harmless)
      .means("Rows that the best model is tested on once."),
    SettingsKey("validation_fraction", \.validationFraction, .number(.above(0).below(1)))
      .means("The share of the training rows that is set aside without a validation file."),
    SettingsKey("test_fraction", \.testFraction, .number(.atLeast(0).below(1)))
      .means("The share of the training rows that is set aside for testing."),
    SettingsKey("split", \.split, .choice)
      .means("How rows are set aside: stratified by label, or at random."),
    SettingsKey("split_seed", \.splitSeed, .integer(.atLeast(0)))
      .means("The seed by which rows are set aside."),
    SettingsKey("group_column", \.groupColumn, orNull: .text("a column's name"))
      .means("Rows with the same value stay in one part."),
    SettingsKey("date_column", \.dateColumn, orNull: .text("a column's name"))
      .means("The latest rows are set aside."),
    SettingsKey("text_column", \.textColumn, .text("a column's name"))
      .means("The column or key of the text."),
    SettingsKey("labels_column", \.labelsColumn, orNull: .text("a column's name"))
      .means("The column or key of the labels."),
    SettingsKey(
      "labels_separator", \.labelsSeparator, orNull: .text("what stands between two labels")
    )
    .means("What stands between two labels of a cell."),
    SettingsKey("label_names", \.labelNames, orNull: .labelNames)
      .means("The names of labels that rows give as numbers or as lists of 0 and 1."),
    SettingsKey("unknown_label", \.unknownLabel, orNull: .mark)
      .means("The cell that means that nobody knows whether the label holds."),
    SettingsKey("unknown_column", \.unknownColumn, orNull: .text("a column's name"))
      .means("The column or key of labels that are unknown for the row."),
    SettingsKey("id_column", \.idColumn, .text("a column's name"))
      .means("The column or key of the row's name."),
    SettingsKey("ignored_columns", \.ignoredColumns, .texts("columns' names"))
      .means("Columns that are not labels."),
    SettingsKey("separator", \.dialect.separator, orNull: .text("what stands between two fields"))
      .means("What stands between two fields of a CSV file."),
    SettingsKey("quoting", \.dialect.quoting, orNull: .choice)
      .means("Whether quotes enclose fields of a CSV file."),
    SettingsKey("column_names", \.dialect.columnNames, .texts("columns' names"))
      .means("The names of the columns of a file without a header."),
    SettingsKey("empty_cells", \.emptyCells, .choice)
      .means("What an empty label cell means."),
    SettingsKey("empty_texts", \.emptyTexts, .emptyTexts)
      .means("What is done with a training row without a text."),
    SettingsKey("cache_dir", \.cacheDirectory, orNull: .text("a directory"), onResume: .harmless)
      .means("Where tokenized rows are kept for the next start."),
    SettingsKey(
      "oversample_rare", \.oversampleRare, orNull: .number(.above(0).below(1))
    )
    .means("Labels of a smaller share of rows have their rows repeated (Gupta et al. 2019)."),
  ]

  mutating func finish(_ reader: SettingsReader) {
    if !reader.isGiven("train") {
      reader.report("train", "is missing; give the path of the training rows (JSON Lines or CSV)")
    }
    let columns = [("text_column", textColumn), ("id_column", idColumn)]
    for (key, column) in columns where column == labelsColumn {
      reader.report("labels_column", "names the same column as \(key), \"\(column)\"")
    }
    checkUnknown(reader)
    checkSplit(reader)
    if textColumn == idColumn {
      reader.report("id_column", "names the same column as text_column, \"\(textColumn)\"")
    }
  }
}

extension DataSettings {
  private func checkUnknown(_ reader: SettingsReader) {
    let answers = ["0", "1", "0.0", "1.0", "true", "false"]
    if let unknownLabel, answers.contains(unknownLabel.lowercased()) {
      reader.report(
        "unknown_label",
        "is \"\(unknownLabel)\", which says whether a label holds; wanted another mark")
    }
    if unknownLabel == nil, unknownColumn != nil {
      reader.report("unknown_column", "is of no use where unknown_label is null; leave one out")
    }
    if unknownLabel == nil, emptyCells == .unknown {
      reader.report(
        "empty_cells", "is \"unknown\", but unknown_label null says that no cell is; leave one out")
    }
    let others = [textColumn, labelsColumn ?? "labels", idColumn, groupColumn, dateColumn]
    if let unknownColumn, others.contains(unknownColumn) {
      reader.report("unknown_column", "names a column with another use, \"\(unknownColumn)\"")
    }
  }

  private func checkSplit(_ reader: SettingsReader) {
    if test != nil, testFraction > 0 {
      reader.report("test_fraction", "is of no use beside data.test: leave one of the two out")
    }
    if validation == nil, validationFraction + testFraction >= 1 {
      reader.report(
        "test_fraction",
        "leaves no rows to train on beside validation_fraction \(validationFraction)")
    }
    if groupColumn != nil, dateColumn != nil {
      reader.report("date_column", "and group_column exclude each other; leave one of the two out")
    }
    if (groupColumn ?? dateColumn) != nil, !isSplit {
      reader.report(
        groupColumn == nil ? "date_column" : "group_column",
        "has no rows to divide: data.validation is given, and data.test_fraction is 0")
    }
    if groupColumn != nil, split == .random {
      reader.report("split", "\"random\" does not keep groups together; wanted \"stratified\"")
    }
    for (key, column) in [("group_column", groupColumn), ("date_column", dateColumn)]
    where column != nil && [textColumn, labelsColumn].contains(column) {
      reader.report(key, "names the same column as the text or the labels, \"\(column ?? "")\"")
    }
  }
}

extension SettingForm<String> {
  /// A whole number or a string that is not empty, kept as text.
  fileprivate static var mark: Self {
    SettingForm(
      wanted: "what a cell holds (a whole number or a string)",
      schema: ["type": ["integer", "string"]],
      read: { json, _ in
        if let number = json.integer { return String(number) }
        return json.string.flatMap { $0.isEmpty ? nil : $0 }
      },
      write: { text in Int(text).map { .integer($0) } ?? .string(text) })
  }
}

extension SettingForm<DataColumns.EmptyTexts> {
  /// What a row of training can mean that has no text.
  fileprivate static var emptyTexts: Self {
    let names = [Value.error, .skip].map(\.rawValue)
    return SettingForm(
      wanted: SettingForm<String>.choice(of: names).wanted,
      schema: SettingForm<String>.choice(of: names).schema,
      read: { json, _ in
        json.string.flatMap { names.contains($0) ? Value(rawValue: $0) : nil }
      },
      write: { .string($0.rawValue) })
  }
}

extension SettingForm<LabelNames> {
  /// A list of names, or the path of a file of them.
  fileprivate static var labelNames: Self {
    SettingForm(
      wanted: "a list of names, or the path of a file with a name a line",
      schema: [
        "anyOf": [
          ["type": "string", "minLength": 1], .object(SettingForm<[String]>.texts("").schema),
        ]
      ],
      read: { json, reader in
        if let path = json.string { return path.isEmpty ? nil : .file(path) }
        return SettingForm<[String]>.texts("names").read(json, reader).map { .list($0) }
      },
      write: { names in
        switch names {
        case .list(let list): .array(list.map { .string($0) })
        case .file(let path): .string(path)
        }
      })
  }
}
