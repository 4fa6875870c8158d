import Text

/// One row as it stands in a file. The same value is filled again for every row, so that its
/// buffers are allocated once.
struct ParsedRow {
  /// The id's bytes; nil where the file gives none.
  var id: [UInt8]?
  /// The text as UTF-8.
  var text: [UInt8] = []
  /// What the group column holds; nil where it is not read or empty.
  var group: [UInt8]?
  /// Seconds since 1970 of the date column; nil where it is not read.
  var date: Int64?
  /// Numbers of the row's labels in the file's name table, as they stand, repetitions included.
  var labels: [Int32] = []
  /// Numbers of the labels of which nobody knows whether the row has them; none of `labels`.
  var unknownLabels: [Int32] = []
  /// Whether the row has no text, and is left out or kept as `DataColumns.emptyTexts` says.
  var isEmpty = false

  mutating func clear() {
    isEmpty = false
    id = nil
    group = nil
    date = nil
    text.removeAll(keepingCapacity: true)
    labels.removeAll(keepingCapacity: true)
    unknownLabels.removeAll(keepingCapacity: true)
  }
}

extension ParsedRow {
  /// Adds a label by what its cell says.
  mutating func add(
    _ label: Int32, _ value: LabelValue, _ columns: DataColumns, name: @autoclosure () -> String
  ) throws(RowProblem) {
    switch value == .missing ? try columns.valueOfMissing(label: name()) : value {
    case .positive: labels.append(label)
    case .unknown: unknownLabels.append(label)
    case .negative, .missing: break
    }
  }

  /// Throws where a label is said both to hold and to be unknown.
  func requireNoContradiction(_ names: ByteStringTable) throws(RowProblem) {
    guard !unknownLabels.isEmpty else { return }
    let unknown = Set(unknownLabels)
    guard let label = labels.first(where: unknown.contains) else { return }
    throw RowProblem(
      "the label “\(excerpt(names[Int(label)]))” is both among the row's labels and among those "
        + "that nobody knows; leave it out of one of the two")
  }
}

/// Turns the bytes of a record into a row.
protocol RecordParser {
  /// Fills `row`, numbering new label names in `names`.
  mutating func parse(
    _ range: Range<Int>, of bytes: Span<UInt8>, into row: inout ParsedRow,
    names: inout ByteStringTable
  ) throws(RowProblem)
}

/// Throws unless the bytes are UTF-8, naming the first that is not.
func requireUTF8(_ range: Range<Int>, of bytes: Span<UInt8>) throws(RowProblem) {
  do throws(UTF8.ValidationError) {
    _ = try UTF8Span(validating: bytes.extracting(range))
  } catch {
    throw RowProblem(
      "not UTF-8: byte \(error.byteOffsets.lowerBound + 1) of the row; convert the file, for example "
        + "with iconv -f CP1252 -t UTF-8")
  }
}

/// The date in a cell. Throws where it is none.
func requireDate(_ cell: [UInt8], name: String) throws(RowProblem) -> Int64 {
  guard let seconds = RowDate.seconds(cell) else {
    throw RowProblem(
      "“\(excerpt(name))” holds “\(excerpt(cell))”, which is no date; wanted 2024-03-01, "
        + "2024-03-01T12:30:00Z, 20240301, a year, or seconds since 1970 (data.date_column)")
  }
  return seconds
}

extension DataColumns {
  /// Throws where the row has no text, unless that has a meaning.
  func checkText(_ row: inout ParsedRow) throws(RowProblem) {
    guard !row.text.contains(where: { !$0.isBlank }) else { return }
    guard emptyTexts != .error else {
      throw RowProblem(
        "“\(excerpt(text))” is empty; \(style.line(.emptyTexts, "skip")) leaves such rows out")
    }
    row.text.removeAll(keepingCapacity: true)
    row.isEmpty = true
  }
}
