import Text

/// The rows of one part of a data file, with their tokens, texts or both: a value that travels
/// between ranks.
///
/// The parts of a file, put together in order, are the rows of the whole file: the same for every
/// number of parts.
public struct EncodedRows: Equatable, Sendable {
  /// The rows' ids.
  var ids = RaggedArray<UInt8>()
  /// The rows' token ids, where they have some.
  var tokens: RaggedArray<Int32>?
  /// The rows' texts, where they are kept.
  var texts: RaggedArray<UInt8>?
  /// Equal for rows that a split keeps together.
  var groups: [UInt64] = []
  /// Seconds since 1970 of each row; empty where no dates are read.
  var dates: [Int64] = []
  /// The label names, in the order of their appearance.
  var labelNames = ByteStringTable()
  /// The rows' labels as indices into `labelNames`, without repetitions in a row.
  var labels = RaggedArray<Int32>()
  /// The lines of rows without a text, be they left out or kept with neither tokens nor text.
  public internal(set) var emptyLines: [UInt64] = []
  /// The rows that could not be used. A part that has some need not hold all of its good rows.
  public internal(set) var badRows = BadRowReport()

  /// No rows.
  public init() {}

  /// The parts of one file, put together in the order given.
  public init(concatenating parts: [EncodedRows]) {
    guard var whole = parts.first else { return }
    for part in parts.dropFirst() { whole.append(part) }
    self = whole
  }

  /// Number of rows.
  public var rowCount: Int { ids.count }

  /// The rows, if all of them could be used and there is one at least. Throws `DataError.badRows`
  /// or `.noRows` about the file `path`.
  public func checked(path: String) throws(DataError) -> EncodedRows {
    guard badRows.isEmpty else { throw .badRows(path: path, badRows) }
    guard rowCount > 0 else {
      guard emptyLines.isEmpty else {
        throw .unclearColumns(
          path: path, reason: "no row has a text: all \(emptyLines.count) are empty")
      }
      throw .noRows(path: path)
    }
    return self
  }

  private mutating func append(_ part: EncodedRows) {
    ids.append(contentsOf: part.ids)
    if let added = part.tokens { tokens?.append(contentsOf: added) }
    if let added = part.texts { texts?.append(contentsOf: added) }
    groups += part.groups
    dates += part.dates
    emptyLines += part.emptyLines
    let renumbered = (0..<part.labelNames.count).map {
      Int32(labelNames.intern(part.labelNames[$0]))
    }
    labels.append(
      contentsOf: part.labels.with(values: part.labels.values.map { renumbered[Int($0)] }))
    badRows.merge(part.badRows)
  }
}
