/// Where in a data file the text, the id and the labels stand. For JSON, columns are keys.
public struct DataColumns: Equatable, Sendable {
  /// The column or key of the text.
  public var text = "text"
  /// The column or key of the row's id. Where it is absent, a row's id is its number from 0.
  public var id = "id"
  /// The column or key that holds the names of the labels. For a delimited file nil means one
  /// column per label, holding 0 or 1; for JSON nil means `labels`, and where no row has that, one
  /// key per label.
  public var labels: String?
  /// What stands between two names in the labels column where it is no list. White space around a
  /// name does not belong to it, and empty names are passed over. nil is a comma, unless the file
  /// looks otherwise: then it is refused.
  public var labelsSeparator: String?
  /// The names of labels that rows give as numbers, or as a list of 0 and 1.
  public var labelNames: LabelNames?
  /// Columns that are neither text nor id nor labels.
  public var ignored: [String] = []
  /// The column or key whose equal values keep rows in one part of a split; nil goes by equal
  /// texts.
  public var group: String?
  /// The column or key of the date by which rows are split; nil where they are not.
  public var date: String?
  /// What a label cell holds where nobody knows whether the label holds: a number, or any text. nil
  /// if no cell is unknown, so that such a cell is a mistake.
  public var unknownLabel: String? = DataColumns.usualUnknownLabel
  /// The column or key that holds the names of the labels of which nobody knows whether they hold,
  /// beside one of names. For JSON nil means `unknown`.
  public var unknownColumn: String?
  /// Whether labels are read. Where not, rows need none and label columns are passed over.
  public var readsLabels = true
  /// How the file is written.
  public var dialect = DataDialect()
  /// What an empty label cell means.
  public var emptyCells = EmptyCells.error
  /// What a row without a text means.
  public var emptyTexts = EmptyTexts.error
  /// How messages name what settles a doubt.
  public var style = SettingStyle.configuration

  /// What a label cell means that is empty, or holds what pandas writes for a missing value.
  public enum EmptyCells: String, CaseIterable, Sendable {
    /// The row is refused.
    case error
    /// The label does not hold.
    case zero
    /// Nobody knows whether the label holds.
    case unknown
  }

  /// What a row means whose text is empty.
  public enum EmptyTexts: String, CaseIterable, Sendable {
    /// The row is refused.
    case error
    /// The row is left out.
    case skip
    /// The row is kept, with neither tokens nor text.
    case keep
  }

  /// The defaults.
  public init() {}

  /// What an unknown cell holds by default.
  public static let usualUnknownLabel = "-1"

  /// How an unknown cell is marked; nil if none is.
  var unknownMark: UnknownMark? { unknownLabel.map(UnknownMark.init) }

  /// A text that differs wherever two values of this type read a file differently.
  var signature: String {
    let separator = labelsSeparator ?? ","
    let parts = [text, id, labels ?? "", labels == nil ? "wide" : "named", separator]
    let split = [group.map { "group \($0)" }, date.map { "date \($0)" }].compactMap(\.self)
    var forms = dialect.signature
    if labelsSeparator != nil { forms.append("separated") }
    if emptyCells != .error { forms.append("empty cells \(emptyCells)") }
    if emptyTexts != .error { forms.append("empty texts \(emptyTexts)") }
    if unknownLabel != Self.usualUnknownLabel { forms.append("unknown \(unknownLabel ?? "never")") }
    if let unknownColumn { forms.append("unknown column \(unknownColumn)") }
    if case .list(let names) = labelNames { forms += ["label names"] + names }
    return (parts + [readsLabels ? "labels" : "plain"] + split + ignored + forms)
      .map { "\($0.utf8.count):\($0)" }.joined(separator: ",")
  }
}
