import Memory
import Storage

/// The form of a data file and where its rows begin.
struct FileLayout {
  /// How rows are written.
  enum Form: Equatable {
    case jsonLines
    /// One JSON array of objects.
    case jsonArray
    /// Fields between separators, as CSV has them.
    case delimited(Dialect)
  }

  let data: DataFile
  let form: Form
  /// The names of the columns of a delimited file: of its header, or as the user gives them.
  let header: [String]
  /// Where the rows begin: the byte and its line.
  let firstRow: (offset: Int, line: Int)
  /// Whether something in the file or the user says which separator it is; else it is the
  /// likeliest.
  let isCertain: Bool

  /// What is known of the columns before a file is looked at.
  struct Hints {
    /// The column of the text; nil where nobody has named it.
    var text: String?
    var dialect = DataDialect()
    var style = SettingStyle.configuration
  }

  /// Throws `DataError`.
  init(_ data: DataFile, _ hints: Hints) throws(DataError) {
    self.data = data
    switch try Self.kind(data, hints) {
    case .json:
      (form, firstRow) = try JSONLayout(data).formAndFirstRow()
      (header, isCertain) = ([], true)
    case .delimited(let usual):
      let search = DialectSearch(data, hints, usual: usual)
      let found = try search.found()
      form = .delimited(found.dialect)
      (header, firstRow, isCertain) = (found.header, found.firstRow, found.isCertain)
    }
  }

  var splitter: RecordSplitter {
    switch form {
    case .jsonLines: RecordSplitter(.lines)
    case .jsonArray: RecordSplitter(.elements)
    case .delimited(let dialect): dialect.splitter
    }
  }

  /// Whether rows are JSON objects.
  var isJSON: Bool { if case .delimited = form { false } else { true } }

  /// The form as a plan names it.
  var name: String {
    let name =
      switch form {
      case .jsonLines: "JSON Lines"
      case .jsonArray: "a JSON array"
      case .delimited(let dialect):
        "fields separated by " + (dialect.separator == .comma ? "commas" : named(dialect))
      }
    return name + (data.isPacked ? ", gzip" : "")
  }

  private func named(_ dialect: Dialect) -> String {
    dialect.separator == .tab ? "tabs" : Dialect.name(of: dialect.separator)
  }

  /// What is not in a record and is passed over: an empty line.
  func isBlank(_ range: Range<Int>, in bytes: Span<UInt8>) -> Bool {
    guard isJSON else { return range.isEmpty }
    return range.allSatisfy { bytes[$0].isBlank }
  }
}

extension FileLayout {
  private enum Kind {
    case json
    /// With the separator that the name of the file promises.
    case delimited(UInt8)
  }

  /// By the ending of the name; where it says nothing, by the first bytes.
  private static func kind(_ data: DataFile, _ hints: Hints) throws(DataError) -> Kind {
    switch data.ending {
    case "jsonl", "ndjson", "json": return .json
    case "csv": return .delimited(.comma)
    case "tsv", "tab": return .delimited(.tab)
    default: break
    }
    let first = (data.start..<data.file.byteCount).first { !data.file.bytes[$0].isBlank }
    if let first, [UInt8(ascii: "{"), UInt8(ascii: "[")].contains(data.file.bytes[first]) {
      return .json
    }
    let search = DialectSearch(data, hints, usual: .comma)
    if data.isStream { return .delimited(try search.found().dialect.separator) }
    guard let found = try? search.found(), found.isCertain else {
      throw .unknownFormat(path: data.path)
    }
    return .delimited(found.dialect.separator)
  }
}
