import Storage
import Text

/// Reads one JSON object (RFC 8259) with the keys of a row; values of other keys are checked and
/// passed over. The parser is strict, and its stack does not grow with the nesting of the input.
struct JSONLineParser: RecordParser {
  private let textKey: [UInt8]
  private let idKey: [UInt8]
  private let labelsKey: [UInt8]
  private let unknownKey: [UInt8]
  private let groupKey: [UInt8]?
  private let dateKey: [UInt8]?
  private let columns: DataColumns
  private var scanner = JSONScanner()
  private var buffer: [UInt8] = []
  private var otherKeys: [String] = []

  init(columns: DataColumns) {
    self.columns = columns
    textKey = Array(columns.text.utf8)
    idKey = Array(columns.id.utf8)
    labelsKey = Array((columns.labels ?? "labels").utf8)
    unknownKey = Array((columns.unknownColumn ?? "unknown").utf8)
    groupKey = columns.group.map { Array($0.utf8) }
    dateKey = columns.date.map { Array($0.utf8) }
  }

  mutating func parse(
    _ range: Range<Int>, of bytes: Span<UInt8>, into row: inout ParsedRow,
    names: inout ByteStringTable
  ) throws(RowProblem) {
    try requireUTF8(range, of: bytes)
    scanner.begin(range)
    otherKeys.removeAll(keepingCapacity: true)
    do { try readObject(of: bytes, into: &row, names: &names) } catch { throw RowProblem(error) }
  }

  /// Throws `RowProblem` and `JSONError`.
  private mutating func readObject(
    of bytes: Span<UInt8>, into row: inout ParsedRow, names: inout ByteStringTable
  ) throws {
    var found = (
      text: false, id: false, labels: false, unknown: false, group: false, date: false
    )
    try scanner.expect(UInt8(ascii: "{"), in: bytes)
    var hasNext = !scanner.take(UInt8(ascii: "}"), in: bytes)
    while hasNext {
      try scanner.string(into: &buffer, in: bytes)
      try scanner.expect(UInt8(ascii: ":"), in: bytes)
      if buffer == textKey {
        try once(&found.text)
        try readText(of: bytes, into: &row)
      } else if buffer == labelsKey, columns.readsLabels {
        try once(&found.labels)
        try readLabels(of: bytes, labelsKey, to: &row.labels, &names)
      } else if buffer == unknownKey, columns.readsLabels {
        try once(&found.unknown)
        try readUnknown(of: bytes, into: &row, &names)
      } else if buffer == idKey {
        try once(&found.id)
        row.id = try scalarText(columns.id, of: bytes)
      } else if buffer == groupKey {
        try once(&found.group)
        row.group = try scalarText(columns.group ?? "", of: bytes)
      } else if buffer == dateKey {
        try once(&found.date)
        let name = columns.date ?? ""
        row.date = try requireDate(scalarText(name, of: bytes) ?? [], name: name)
      } else {
        if otherKeys.count < 20 { otherKeys.append(excerpt(buffer)) }
        try scanner.skipValue(in: bytes)
      }
      hasNext = try scanner.continues(until: UInt8(ascii: "}"), in: bytes)
    }
    try scanner.expectEnd(in: bytes)
    if !found.text { throw missing(textKey) }
    try requireText(row.text, name: columns.text)
    if columns.readsLabels, !found.labels { throw missing(labelsKey) }
    try row.requireNoContradiction(names)
    if let groupKey, !found.group { throw missing(groupKey) }
    if let dateKey, !found.date { throw missing(dateKey) }
  }

  private func once(_ isFound: inout Bool) throws(RowProblem) {
    if isFound { throw RowProblem("the key “\(excerpt(buffer))” occurs twice") }
    isFound = true
  }

  private func missing(_ key: [UInt8]) -> RowProblem {
    let name = excerpt(key)
    let hint = nearestName(to: name, among: otherKeys).map { "; did you mean “\($0)”?" } ?? ""
    let remedy = key == labelsKey && hint.isEmpty ? "; a row without labels has []" : ""
    return RowProblem("no “\(name)”\(hint)\(remedy)")
  }

  private mutating func readText(of bytes: Span<UInt8>, into row: inout ParsedRow) throws {
    guard scanner.peek(in: bytes) == .quote else {
      throw RowProblem("“\(columns.text)” is not a string")
    }
    try scanner.string(into: &row.text, in: bytes)
  }

  /// A string or a number as text; nil for null.
  private mutating func scalarText(_ key: String, of bytes: Span<UInt8>) throws -> [UInt8]? {
    let wrongType = RowProblem("“\(excerpt(key))” is neither a string nor a number")
    switch scanner.peek(in: bytes) {
    case .quote:
      try scanner.string(into: &buffer, in: bytes)
      return buffer
    case UInt8(ascii: "{"), UInt8(ascii: "["): throw wrongType
    default:
      switch try scanner.scalar(in: bytes) {
      case .null: return nil
      case .bool: throw wrongType
      case .number(let range, _): return range.map { bytes[$0] }
      }
    }
  }

  private mutating func readUnknown(
    of bytes: Span<UInt8>, into row: inout ParsedRow, _ names: inout ByteStringTable
  ) throws {
    try readLabels(of: bytes, unknownKey, to: &row.unknownLabels, &names)
    guard columns.unknownLabel != nil || row.unknownLabels.isEmpty else {
      throw RowProblem(
        "“\(excerpt(unknownKey))” names labels that nobody knows, but data.unknown_label is null, which "
          + "allows none: leave data.unknown_label out")
    }
  }

  /// Appends the names in an array of strings.
  private mutating func readLabels(
    of bytes: Span<UInt8>, _ key: [UInt8], to labels: inout [Int32],
    _ names: inout ByteStringTable
  ) throws {
    guard scanner.take(UInt8(ascii: "["), in: bytes) else { throw notStrings(key) }
    var hasNext = !scanner.take(UInt8(ascii: "]"), in: bytes)
    while hasNext {
      guard scanner.peek(in: bytes) == .quote else { throw notStrings(key) }
      try scanner.string(into: &buffer, in: bytes)
      if buffer.isEmpty { throw RowProblem("a label with an empty name") }
      labels.append(Int32(names.intern(buffer)))
      hasNext = try scanner.continues(until: UInt8(ascii: "]"), in: bytes)
    }
  }

  private func notStrings(_ key: [UInt8]) -> RowProblem {
    let remedy =
      key == unknownKey
      ? ", the labels that nobody knows (data.unknown_column names another key for them)" : ""
    return RowProblem("“\(excerpt(key))” is not an array of strings\(remedy)")
  }
}
