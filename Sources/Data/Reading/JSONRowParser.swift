import Storage
import Text

/// Reads one JSON object (RFC 8259, and Python's NaN) with the keys of a row; values of other keys
/// are checked and passed over. The parser is strict, and its stack does not grow with the nesting
/// of the input.
struct JSONRowParser: RecordParser {
  private let roles: ColumnRoles
  private let columns: DataColumns
  private let labels: LabelCellReader
  private let unknown: UnknownMark?
  /// The names of the roles, and by its place among them whether a row has had a key.
  private var keys = ByteStringTable()
  private var isFound: [Bool]
  private var scanner = JSONScanner(allowsNaN: true)
  private var buffer: [UInt8] = []
  private var otherKeys: [String] = []

  init(_ roles: ColumnRoles, _ columns: DataColumns) {
    self.roles = roles
    self.columns = columns
    labels = LabelCellReader(roles, columns)
    unknown = columns.unknownMark
    for name in roles.names { _ = keys.intern(Array(name.utf8)) }
    isFound = roles.names.map { _ in false }
  }

  mutating func parse(
    _ range: Range<Int>, of bytes: Span<UInt8>, into row: inout ParsedRow,
    names: inout ByteStringTable
  ) throws(RowProblem) {
    try requireUTF8(range, of: bytes)
    scanner.begin(range)
    otherKeys.removeAll(keepingCapacity: true)
    for index in isFound.indices { isFound[index] = false }
    do { try readObject(of: bytes, into: &row, names: &names) } catch { throw RowProblem(error) }
  }

  /// Throws `RowProblem` and `JSONError`.
  private mutating func readObject(
    of bytes: Span<UInt8>, into row: inout ParsedRow, names: inout ByteStringTable
  ) throws {
    try scanner.expect(UInt8(ascii: "{"), in: bytes)
    var hasNext = !scanner.take(UInt8(ascii: "}"), in: bytes)
    while hasNext {
      try scanner.string(into: &buffer, in: bytes)
      try scanner.expect(UInt8(ascii: ":"), in: bytes)
      let index = keys.index(of: buffer)
      if let index, roles.roles[index] != .ignored {
        if isFound[index] { throw RowProblem("the key “\(excerpt(buffer))” occurs twice") }
        isFound[index] = true
        try readValue(index, of: bytes, into: &row, names: &names)
      } else {
        if index == nil, roles.labels == .columns {
          throw RowProblem(
            "the first rows do not have the key “\(excerpt(buffer))”: every row must have the same "
              + "keys")
        }
        if otherKeys.count < 20 { otherKeys.append(excerpt(buffer)) }
        try scanner.skipValue(in: bytes)
      }
      hasNext = try scanner.continues(until: UInt8(ascii: "}"), in: bytes)
    }
    try scanner.expectEnd(in: bytes)
    try checkFound(&row)
    try columns.checkText(&row)
    try row.requireNoContradiction(names)
  }

  private mutating func readValue(
    _ index: Int, of bytes: Span<UInt8>, into row: inout ParsedRow, names: inout ByteStringTable
  ) throws {
    switch roles.roles[index] {
    case .text: try readText(of: bytes, into: &row)
    case .labels: try readLabels(of: bytes, into: &row, names: &names)
    case .id: row.id = try scalarText(columns.id, of: bytes)
    case .group: row.group = try scalarText(columns.group ?? "", of: bytes)
    case .date:
      let name = columns.date ?? ""
      row.date = try requireDate(scalarText(name, of: bytes) ?? [], name: name)
    case .label(let label):
      let value = try labelValue(roles.names[index], of: bytes)
      try row.add(label, value, columns, name: roles.names[index])
    case .unknownLabels: try readUnknown(of: bytes, into: &row, names: &names)
    case .ignored: break
    }
  }

  /// Throws where a key is missing that a row must have.
  private func checkFound(_ row: inout ParsedRow) throws(RowProblem) {
    for (index, role) in roles.roles.enumerated() where !isFound[index] {
      switch role {
      case .text, .labels, .group, .date: throw missing(roles.names[index], role)
      case .label(let label):
        try row.add(label, .missing, columns, name: roles.names[index])
      case .id, .unknownLabels, .ignored: break
      }
    }
  }

  private func missing(_ name: String, _ role: ColumnRoles.Role) -> RowProblem {
    let hint = nearestName(to: name, among: otherKeys).map { "; did you mean “\($0)”?" } ?? ""
    let remedy = role == .labels && hint.isEmpty ? "; a row without labels has []" : ""
    return RowProblem("no “\(excerpt(name))”\(hint)\(remedy)")
  }

  private mutating func readText(of bytes: Span<UInt8>, into row: inout ParsedRow) throws {
    if scanner.peek(in: bytes) == .quote {
      try scanner.string(into: &row.text, in: bytes)
    } else if case .null? = try? scanner.scalar(in: bytes) {
      // As an empty text: what that means, a key says.
      row.text.removeAll(keepingCapacity: true)
    } else {
      throw RowProblem("“\(columns.text)” is not a string")
    }
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
}

extension JSONRowParser {
  /// The value of one label: 0, 1, true, false, a string of these, or null.
  private mutating func labelValue(_ name: String, of bytes: Span<UInt8>) throws -> LabelValue {
    switch scanner.peek(in: bytes) {
    case .quote:
      try scanner.string(into: &buffer, in: bytes)
      if unknown?.matches(buffer) == true { return .unknown }
      if let value = LabelValue(buffer) { return value }
    case UInt8(ascii: "{"), UInt8(ascii: "["): break
    default:
      switch try scanner.scalar(in: bytes) {
      case .null: return .missing
      case .bool(let value): return value ? .positive : .negative
      case .number(let range, _):
        buffer = range.map { bytes[$0] }
        if unknown?.matches(buffer) == true { return .unknown }
        if let value = Double(String(decoding: buffer, as: UTF8.self)).flatMap(LabelValue.init) {
          return value
        }
      }
    }
    throw RowProblem("the label “\(excerpt(name))” holds “\(excerpt(buffer))”, not 0 or 1")
  }

  private mutating func readLabels(
    of bytes: Span<UInt8>, into row: inout ParsedRow, names: inout ByteStringTable
  ) throws {
    switch scanner.peek(in: bytes) {
    case UInt8(ascii: "["): try readArray(of: bytes, into: &row, names: &names)
    case UInt8(ascii: "{") where roles.labels == .members:
      try readMembers(of: bytes, into: &row, names: &names)
    case .quote:
      try scanner.string(into: &buffer, in: bytes)
      guard roles.labels != .lists || ListText(buffer) != nil else { throw notStrings() }
      try labels.read(buffer, into: &row, names: &names)
    case UInt8(ascii: "{"): throw notStrings()
    default:
      switch try scanner.scalar(in: bytes) {
      case .null: try labels.missing()
      case .number(let range, _) where roles.labels != .lists:
        try labels.add([number(range, of: bytes)], to: &row)
      case .bool, .number: throw notStrings()
      }
    }
  }

  private mutating func readArray(
    of bytes: Span<UInt8>, into row: inout ParsedRow, names: inout ByteStringTable
  ) throws {
    var numbers: [Double] = []
    try scanner.expect(UInt8(ascii: "["), in: bytes)
    var hasNext = !scanner.take(UInt8(ascii: "]"), in: bytes)
    let isEmpty = !hasNext
    while hasNext {
      if scanner.peek(in: bytes) == .quote {
        try scanner.string(into: &buffer, in: bytes)
        guard numbers.isEmpty else { throw notStrings() }
        try labels.add([buffer], to: &row, &names)
      } else {
        guard row.labels.isEmpty, roles.labels != .lists else { throw notStrings() }
        numbers.append(try number(of: bytes))
      }
      hasNext = try scanner.continues(until: UInt8(ascii: "]"), in: bytes)
    }
    if !numbers.isEmpty || (isEmpty && roles.labels == .flags) {
      try labels.add(numbers, to: &row)
    }
  }

  /// An array of the names of labels of which nobody knows whether the row has them.
  private mutating func readUnknown(
    of bytes: Span<UInt8>, into row: inout ParsedRow, names: inout ByteStringTable
  ) throws {
    guard scanner.take(UInt8(ascii: "["), in: bytes) else { throw unknownNotStrings() }
    var hasNext = !scanner.take(UInt8(ascii: "]"), in: bytes)
    while hasNext {
      guard scanner.peek(in: bytes) == .quote else { throw unknownNotStrings() }
      try scanner.string(into: &buffer, in: bytes)
      if buffer.isEmpty { throw RowProblem("a label with an empty name") }
      row.unknownLabels.append(Int32(names.intern(buffer)))
      hasNext = try scanner.continues(until: UInt8(ascii: "]"), in: bytes)
    }
    try columns.checkUnknown(row.unknownLabels)
  }

  private func unknownNotStrings() -> RowProblem {
    RowProblem(
      "“\(excerpt(columns.unknownColumn ?? "unknown"))” is not an array of strings, the labels that "
        + "nobody knows (\(columns.style.name(.unknownColumn)) names another key for them)")
  }

  /// An object's members: a 0 or 1 for each label.
  private mutating func readMembers(
    of bytes: Span<UInt8>, into row: inout ParsedRow, names: inout ByteStringTable
  ) throws {
    try scanner.expect(UInt8(ascii: "{"), in: bytes)
    var hasNext = !scanner.take(UInt8(ascii: "}"), in: bytes)
    while hasNext {
      try scanner.string(into: &buffer, in: bytes)
      try scanner.expect(UInt8(ascii: ":"), in: bytes)
      if buffer.isEmpty { throw RowProblem("a label with an empty name") }
      let (name, label) = (String(decoding: buffer, as: UTF8.self), Int32(names.intern(buffer)))
      let value = try labelValue(name, of: bytes)
      try row.add(label, value, columns, name: name)
      hasNext = try scanner.continues(until: UInt8(ascii: "}"), in: bytes)
    }
  }

  /// A number, or true and false as 1 and 0.
  private mutating func number(of bytes: Span<UInt8>) throws -> Double {
    guard let byte = scanner.peek(in: bytes), byte != UInt8(ascii: "{"), byte != UInt8(ascii: "[")
    else { throw notStrings() }
    switch try scanner.scalar(in: bytes) {
    case .null:
      throw RowProblem("“\(excerpt(columns.labels ?? "labels"))” holds null among its values")
    case .bool(let value): return value ? 1 : 0
    case .number(let range, _): return number(range, of: bytes)
    }
  }

  private func number(_ range: Range<Int>, of bytes: Span<UInt8>) -> Double {
    Double(String(decoding: range.map { bytes[$0] }, as: UTF8.self)) ?? .nan
  }

  private func notStrings() -> RowProblem {
    let name = excerpt(columns.labels ?? "labels")
    return switch roles.labels {
    case .members: RowProblem("“\(name)” is not an object of 0 and 1 as in other rows")
    case .flags, .numbers: RowProblem("“\(name)” is not an array of numbers as in other rows")
    default: RowProblem("“\(name)” is not an array of strings")
    }
  }
}
