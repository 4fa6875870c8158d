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
  /// The labels of which nobody knows whether the rows have them, as `labels`; nil where all is
  /// known.
  var unknownLabels: RaggedArray<Int32>?
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
    let newNumbers = (0..<part.labelNames.count).map {
      Int32(labelNames.intern(part.labelNames[$0]))
    }
    func renumbered(_ lists: RaggedArray<Int32>) -> RaggedArray<Int32> {
      lists.with(values: lists.values.map { newNumbers[Int($0)] })
    }
    let rowsBefore = labels.count
    labels.append(contentsOf: renumbered(part.labels))
    if let added = part.unknownLabels {
      appendUnknown(renumbered(added), after: rowsBefore)
    } else {
      unknownLabels?.append(emptyLists: part.rowCount)
    }
    badRows.merge(part.badRows)
  }

  /// Appends the unknown labels of rows that come after `rowCount` others.
  mutating func appendUnknown(_ lists: RaggedArray<Int32>, after rowCount: Int) {
    if unknownLabels == nil {
      var none = RaggedArray<Int32>()
      none.append(emptyLists: rowCount)
      unknownLabels = none
    }
    unknownLabels?.append(contentsOf: lists)
  }
}
