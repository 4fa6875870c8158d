/// The rows of one part of a data file, tokenized: a value that travels between ranks.
///
/// The parts of a file, put together in order, are the rows of the whole file: the same for every
/// number of parts.
public struct EncodedRows: Equatable, Sendable {
  /// The rows' ids.
  var ids = ByteStrings()
  /// The token ids of all rows, end to end.
  var tokens: [Int32] = []
  /// Where each row ends in `tokens`.
  var tokenEnds: [Int] = []
  /// The label names, in the order of their appearance.
  var labelNames = NameTable()
  /// The labels of all rows as indices into `labelNames`, end to end, without repetitions in a row.
  var labelIndices: [Int32] = []
  /// Where each row ends in `labelIndices`.
  var labelEnds: [Int] = []
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
  public var rowCount: Int { tokenEnds.count }
  /// Number of tokens of all rows.
  public var tokenCount: Int { tokens.count }

  /// The rows, if all of them could be used and there is one at least. Throws `DataError.badRows`
  /// or `.noRows` about the file `path`.
  public func checked(path: String) throws(DataError) -> EncodedRows {
    guard badRows.isEmpty else { throw .badRows(path: path, badRows) }
    guard rowCount > 0 else { throw .noRows(path: path) }
    return self
  }

  private mutating func append(_ part: EncodedRows) {
    ids.append(contentsOf: part.ids)
    let tokenBase = tokens.count
    tokens.append(contentsOf: part.tokens)
    tokenEnds.append(contentsOf: part.tokenEnds.lazy.map { $0 + tokenBase })
    let renumbered = (0..<part.labelNames.count).map {
      labelNames.intern(part.labelNames.names[$0])
    }
    let labelBase = labelIndices.count
    labelIndices.append(contentsOf: part.labelIndices.lazy.map { renumbered[Int($0)] })
    labelEnds.append(contentsOf: part.labelEnds.lazy.map { $0 + labelBase })
    badRows.merge(part.badRows)
  }
}

/// Collects parsed rows into `EncodedRows`.
struct RowCollector {
  var rows = EncodedRows()
  /// For each label the row that named it last, to pass over repetitions.
  private var lastRow: [Int] = []

  init(labelNames: NameTable) {
    rows.labelNames = labelNames
  }

  /// Adds row `number` (of the whole file, from 0), whose tokens are appended already.
  mutating func add(_ row: ParsedRow, number: Int) {
    rows.ids.append(row.id ?? Array(String(number).utf8))
    rows.tokenEnds.append(rows.tokens.count)
    if lastRow.count < rows.labelNames.count {
      lastRow.append(
        contentsOf: repeatElement(-1, count: rows.labelNames.count - lastRow.count))
    }
    for label in row.labels where lastRow[Int(label)] != number {
      lastRow[Int(label)] = number
      rows.labelIndices.append(label)
    }
    rows.labelEnds.append(rows.labelIndices.count)
  }
}
