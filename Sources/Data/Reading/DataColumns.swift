/// Where in a data file the text, the id and the labels stand. For JSON Lines, columns are keys.
public struct DataColumns: Equatable, Sendable {
  /// The column or key of the text.
  public var text = "text"
  /// The column or key of the row's id. Where it is absent, a row's id is its number from 0.
  public var id = "id"
  /// The column or key that holds the names of the labels. For CSV nil means one column per label,
  /// holding 0 or 1; for JSON Lines nil means `labels`.
  public var labels: String?
  /// What stands between two names in the labels column of a CSV file. White space around a name
  /// does not belong to it, and empty names are passed over.
  public var labelsSeparator = ","
  /// CSV columns that are neither text nor id nor labels.
  public var ignored: [String] = []
  /// The column or key whose equal values keep rows in one part of a split; nil goes by equal
  /// texts.
  public var group: String?
  /// The column or key of the date by which rows are split; nil where they are not.
  public var date: String?
  /// What a label cell holds where nobody knows whether the label holds: a number, or any text. nil
  /// where no cell is unknown, so that such a cell is a mistake.
  public var unknownLabel: String? = DataColumns.usualUnknownLabel
  /// What an empty label cell says.
  public var emptyCells = EmptyCells.error
  /// The column or key that holds the names of the labels of which nobody knows whether they hold,
  /// beside one of names. For JSON Lines nil means `unknown`.
  public var unknownColumn: String?
  /// Whether labels are read. Where not, rows need none and label columns are passed over.
  public var readsLabels = true

  /// The defaults.
  public init() {}

  /// What an unknown cell holds by default.
  public static let usualUnknownLabel = "-1"

  /// How an unknown cell is marked; nil where none is.
  var unknownMark: UnknownMark? { unknownLabel.map(UnknownMark.init) }

  /// A text that differs wherever two values of this type read a file differently.
  var signature: String {
    let parts = [text, id, labels ?? "", labels == nil ? "wide" : "named", labelsSeparator]
    let split = [group.map { "group \($0)" }, date.map { "date \($0)" }].compactMap(\.self)
    // Files were read so before cells could be unknown: they keep their cache.
    let unknown = [
      unknownLabel == Self.usualUnknownLabel ? nil : "unknown \(unknownLabel ?? "never")",
      unknownColumn.map { "unknown column \($0)" },
      emptyCells == .error ? nil : "empty \(emptyCells)",
    ].compactMap(\.self)
    return (parts + [readsLabels ? "labels" : "plain"] + split + unknown + ignored)
      .map { "\($0.utf8.count):\($0)" }.joined(separator: ",")
  }
}
