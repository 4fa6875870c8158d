import Memory

/// Finds out how a delimited file is written.
struct DialectSearch {
  private let data: DataFile
  private let hints: FileLayout.Hints
  /// The separator that the file's name promises.
  private let usual: UInt8

  /// What was found.
  struct Found {
    var dialect: Dialect
    var header: [String]
    var firstRow: (offset: Int, line: Int)
    /// Whether the file or the user settles the separator.
    var isCertain: Bool
  }

  private static let separators: [UInt8] = [.comma, UInt8(ascii: ";"), .tab, UInt8(ascii: "|")]
  /// Records by which a separator is judged where the header does not settle it.
  private static let judgedRecords = 20

  init(_ data: DataFile, _ hints: FileLayout.Hints, usual: UInt8) {
    self.data = data
    self.hints = hints
    self.usual = usual
  }

  /// Throws `DataError`.
  func found() throws(DataError) -> Found {
    let lineEnd = self.lineEnd
    let named = namedSeparator(lineEnd)
    let start = named?.next ?? data.start
    let line = named == nil ? 1 : 2
    if let given = hints.dialect.separator {
      return try found(try Self.byte(given, hints.style, data.path), lineEnd, (start, line))
    }
    if let named { return try found(named.separator, lineEnd, (start, line)) }
    let candidates = [usual] + Self.separators.filter { $0 != usual }
    let dialects = candidates.map { dialect($0, lineEnd) }
    if let fitting = try fitting(dialects, start) {
      return try found(fitting.separator, lineEnd, (start, line))
    }
    let likeliest = dialects.map { (dialect: $0, score: score($0, start)) }
      .reduce((dialects[0], 0)) { $1.score > $0.1 ? ($1.dialect, $1.score) : $0 }.0
    var found = try found(likeliest.separator, lineEnd, (start, line))
    found.isCertain = false
    return found
  }

  /// The separator with which the header has the column of the text; without a header, the one with
  /// which the first record has as many fields as there are names. The usual one comes first.
  private func fitting(_ dialects: [Dialect], _ start: Int) throws(DataError) -> Dialect? {
    let names = hints.dialect.columnNames
    func fits(_ dialect: Dialect) -> Bool {
      guard let fields = try? record(dialect, start).fields else { return false }
      return names.isEmpty
        ? hints.text.map(fields.contains) ?? false : fields.count == names.count
    }
    return dialects.first(where: fits)
  }

  private func found(
    _ separator: UInt8, _ lineEnd: UInt8, _ start: (offset: Int, line: Int)
  ) throws(DataError) -> Found {
    let dialect = dialect(separator, lineEnd)
    let names = hints.dialect.columnNames
    let first = try record(dialect, start.offset)
    guard !names.isEmpty else {
      return Found(
        dialect: dialect, header: first.fields,
        firstRow: (first.extent.next, start.line + first.extent.lineCount), isCertain: true)
    }
    if first.fields == names {
      throw .badHeader(
        path: data.path,
        reason: "this line is a header with the names of "
          + "\(hints.style.name(.columnNames)); leave that out")
    }
    return Found(dialect: dialect, header: names, firstRow: start, isCertain: true)
  }

  private func dialect(_ separator: UInt8, _ lineEnd: UInt8) -> Dialect {
    Dialect(separator: separator, hasQuotes: hints.dialect.quoting != .never, lineEnd: lineEnd)
  }

  /// A line feed, unless the file has none at all.
  private var lineEnd: UInt8 {
    data.file.bytes.withSpan { bytes in
      var hasReturn = false
      for index in data.start..<bytes.count {
        if bytes[index] == .lineFeed { return .lineFeed }
        if bytes[index] == .carriageReturn { hasReturn = true }
      }
      return hasReturn ? .carriageReturn : .lineFeed
    }
  }

  /// The separator that a first line `sep=;` names, as Excel writes it.
  private func namedSeparator(_ lineEnd: UInt8) -> (separator: UInt8, next: Int)? {
    data.file.bytes.withSpan { bytes in
      let record = RecordSplitter(.lines, lineEnd: lineEnd).record(at: data.start, in: bytes)
      var line = record.content.prefix(8).map { bytes[$0] }
      if line.count == 7, line[0] == .quote, line[6] == .quote { line = Array(line[1..<6]) }
      let isNamed = String(decoding: line.prefix(4), as: UTF8.self).lowercased() == "sep="
      return line.count == 5 && isNamed ? (line[4], record.next) : nil
    }
  }

  /// The byte that a text names as the separator. Throws where it is none.
  private static func byte(
    _ text: String, _ style: SettingStyle, _ path: String
  ) throws(DataError) -> UInt8 {
    let name = ["\\t", "tab", "TAB"].contains(text) ? "\t" : text
    let bytes = Array(name.utf8)
    let isFree = bytes.count == 1 && ![.quote, .lineFeed, .carriageReturn].contains(bytes[0])
    guard isFree, bytes[0] < 0x80 else {
      throw .unclearColumns(
        path: path,
        reason: "\(style.name(.separator)) is “\(excerpt(text))”; it must be one character, "
          + "such as ; or a tab")
    }
    return bytes[0]
  }
}

extension DialectSearch {
  /// The fields of the record at `start`. Throws `DataError.badHeader`.
  private func record(
    _ dialect: Dialect, _ start: Int
  ) throws(DataError) -> (fields: [String], extent: RecordExtent) {
    do throws(RowProblem) {
      return try data.file.bytes.withSpan { bytes throws(RowProblem) in
        let record = dialect.splitter.record(at: start, in: bytes)
        if record.isUnclosed {
          throw RowProblem(
            "a quoted field is never closed; close it, or set "
              + "\(hints.style.line(.quoting, "none")) if quotes are ordinary characters")
        }
        return (try readFields(record.content, of: bytes, dialect), record)
      }
    } catch {
      throw .badHeader(path: data.path, reason: error.reason)
    }
  }

  /// Fields of the first records where all have as many as the header and more than one; else 0.
  /// Where no separator gives that, the header's fields alone count, less than anything else.
  private func score(_ dialect: Dialect, _ start: Int) -> Int {
    guard let header = try? record(dialect, start) else { return 0 }
    let count = header.fields.count
    var next = header.extent.next
    for _ in 0..<Self.judgedRecords where next < data.file.byteCount {
      guard let row = try? record(dialect, next) else { return count - 1 }
      next = row.extent.next
      guard row.extent.content.isEmpty || row.fields.count == count else { return count - 1 }
    }
    return count > 1 ? count << 20 : 0
  }
}

/// The fields of one record.
func readFields(
  _ range: Range<Int>, of bytes: Span<UInt8>, _ dialect: Dialect
) throws(RowProblem) -> [String] {
  try requireUTF8(range, of: bytes)
  var reader = CSVFieldReader(dialect)
  var fields: [String] = []
  reader.begin(range)
  while reader.hasNext {
    try reader.next(in: bytes)
    fields.append(String(decoding: reader.field, as: UTF8.self))
  }
  return fields
}
