// How a data file is written, where the file itself does not say so.

/// What the user says about the form of a delimited file.
public struct DataDialect: Equatable, Sendable {
  /// What stands between two fields; nil is found out from the header.
  public var separator: String?
  /// What quotes mean; nil is `minimal`, and a quote that seems to have been forgotten is refused.
  public var quoting: Quoting?
  /// The names of the columns of a file without a header; empty where there is a header.
  public var columnNames: [String] = []

  /// What double quotes mean. The names are those of Python's `csv`.
  public enum Quoting: String, CaseIterable, Sendable {
    /// A field in quotes may hold separators, line ends and doubled quotes (RFC 4180).
    case minimal
    /// Quotes are ordinary characters.
    case never = "none"
  }

  /// Nothing is said.
  public init() {}

  var signature: [String] {
    (separator.map { ["separator \($0)"] } ?? [])
      + (quoting.map { ["quoting \($0.rawValue)"] } ?? [])
      + columnNames.map { "column \($0)" }
  }
}

/// How the records of a delimited file are written.
struct Dialect: Equatable {
  var separator: UInt8
  var hasQuotes = true
  /// A line feed, before which a carriage return may stand, or a carriage return alone.
  var lineEnd = UInt8.lineFeed

  /// How the file falls into records.
  var splitter: RecordSplitter {
    RecordSplitter(
      hasQuotes ? .fields(separator: separator) : .lines, lineEnd: lineEnd)
  }

  /// The separator as messages name it.
  static func name(of separator: UInt8) -> String {
    separator == .tab ? "tab" : "“\(Character(Unicode.Scalar(separator)))”"
  }
}
