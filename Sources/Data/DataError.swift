import Storage

/// What can be wrong with a data file. Every message names the file, the line where there is one,
/// and what to do.
///
/// A file that is missing or cannot be read is a `FileError` of Memory instead.
public enum DataError: Error, Equatable, CustomStringConvertible {
  /// The file name ends in none of the known extensions.
  case unknownFormat(path: String)
  /// The file as a whole is in another form than its extension says.
  case wrongFormat(path: String, reason: String)
  /// The file holds no row.
  case noRows(path: String)
  /// The CSV header cannot be used.
  case badHeader(path: String, reason: String)
  /// What the columns hold is not clear; the reason says what settles it.
  case unclearColumns(path: String, reason: String)
  /// Some rows cannot be used.
  case badRows(path: String, BadRowReport)
  /// A label name occurs twice where each must occur once.
  case duplicateLabel(String)
  /// Encoded rows that another rank sent, or that a file holds, are not in the expected form.
  case damagedRows(reason: String)

  /// The message for the user, one line, or one line a bad row.
  public var description: String {
    switch self {
    case .unknownFormat(let path):
      "\(path): unknown data format: the name must end in .jsonl, .ndjson or .json (JSON Lines), "
        + ".csv or .tsv, each with .gz behind it if it is packed"
    case .wrongFormat(let path, let reason), .unclearColumns(let path, let reason):
      "\(path): \(reason)"
    case .noRows(let path):
      "\(path): there is no row in this file"
    case .badHeader(let path, let reason):
      "\(path):1: \(reason)"
    case .badRows(let path, let report):
      report.description(path: path)
    case .duplicateLabel(let name):
      "the label “\(excerpt(name))” occurs twice in the list of labels"
    case .damagedRows(let reason):
      "encoded rows are damaged: \(reason)"
    }
  }
}

/// A row that cannot be used, and why.
public struct BadRow: Equatable, Sendable {
  /// The line on which the row begins; the first line of a file is 1.
  public let line: Int
  /// What is wrong, for a reader of the message.
  public let reason: String

  /// The row that begins on `line`.
  public init(line: Int, reason: String) {
    self.line = line
    self.reason = reason
  }
}

/// The first bad rows of a file and the number of all of them. Reports of consecutive parts merge
/// into the report of the whole.
public struct BadRowReport: Equatable, Sendable {
  /// How many rows are listed at most.
  public static let limit = 20
  /// The first rows, at most `limit`, in file order.
  public private(set) var first: [BadRow] = []
  /// The number of all bad rows.
  public private(set) var total = 0

  /// A report without bad rows.
  public init() {}

  package init(first: [BadRow], total: Int) {
    self.first = first
    self.total = total
  }

  /// Whether no row is bad.
  public var isEmpty: Bool { total == 0 }

  /// Adds a row that lies behind all rows added before.
  public mutating func add(_ row: BadRow) {
    total += 1
    if first.count < Self.limit { first.append(row) }
  }

  /// Adds the report of the file's next part.
  public mutating func merge(_ next: BadRowReport) {
    total += next.total
    first.append(contentsOf: next.first.prefix(Self.limit - first.count))
  }

  /// The message: one line a row, and how many more there are.
  func description(path: String) -> String {
    let lines = first.map { "\(path):\($0.line): \($0.reason)" }
    let rest = total - first.count
    guard rest > 0 else { return lines.joined(separator: "\n") }
    let more = "\(path): \(rest) more bad \(rest == 1 ? "row" : "rows") not listed"
    return (lines + [more]).joined(separator: "\n")
  }
}

/// Why a record was refused; the reader adds the line.
struct RowProblem: Error {
  let reason: String
  /// Whether it is a quote that does not stand where it should.
  private(set) var isOfQuotes = false

  init(_ reason: String) {
    self.reason = reason
  }

  /// A problem with quotes.
  init(ofQuotes reason: String) {
    self.reason = reason
    isOfQuotes = true
  }

  /// The problem that reading a row has thrown. A row is one line: a column is place enough.
  init(_ error: any Error) {
    switch error {
    case let problem as RowProblem: self = problem
    case let error as JSONError: reason = "not JSON: column \(error.column): \(error.problem)"
    default: reason = "\(error)"
    }
  }
}

/// The beginning of a value from a file, short and on one line, fit for a message.
func excerpt(_ value: String) -> String {
  var short = ""
  for scalar in value.unicodeScalars.prefix(40) {
    let isPrintable = scalar.value >= 0x20 && scalar.value != 0x7F
    short.unicodeScalars.append(isPrintable ? scalar : " ")
  }
  return value.unicodeScalars.count > 40 ? short + "…" : short
}

/// As `excerpt` of a string, for bytes that need not be UTF-8.
func excerpt(_ bytes: [UInt8]) -> String {
  excerpt(String(decoding: bytes.prefix(200), as: UTF8.self))
}
