// The first rows of a data file as they stand, to find out what its columns hold.

import Foundation
import Memory
import Storage
import Text

/// The columns of the first rows of a file.
public struct FileSample {
  /// How many rows are looked at.
  public static let rowLimit = 2_000

  /// The file's path as the user wrote it.
  public let path: String
  /// The columns, in the order of the file.
  public private(set) var columns: [SampledColumn] = []
  /// Rows that were read.
  public private(set) var rowCount = 0
  /// What stands between two fields of a CSV file; nil for JSON Lines.
  public let separator: UInt8?

  /// Reads the beginning of a CSV file with a header, or of JSON Lines. Throws `DataError` and
  /// `FileError`.
  public init(path: String) throws {
    self.path = path
    let file = try MappedFile(path: path)
    guard file.byteCount > 0 else { throw DataError.noRows(path: path) }
    separator = try Self.separator(of: file, path: path)
    if let separator { try readFields(of: file, separator) } else { try readObjects(of: file) }
    guard rowCount > 0 else { throw DataError.noRows(path: path) }
  }

  /// The column of that name.
  public func column(_ name: String) -> SampledColumn? { columns.first { $0.name == name } }

  /// By the extension, and for CSV by the first line.
  private static func separator(of file: MappedFile, path: String) throws -> UInt8? {
    switch URL(fileURLWithPath: path).pathExtension.lowercased() {
    case "jsonl", "ndjson", "json": return nil
    case "tsv": return .tab
    case "csv":
      let header = file.bytes.withSpan { bytes in
        RecordSplitter.lines.record(at: 0, in: bytes).content.map { bytes[$0] }
      }
      let candidates: [UInt8] = [.comma, UInt8(ascii: ";"), .tab, UInt8(ascii: "|")]
      func count(_ byte: UInt8) -> Int { header.count { $0 == byte } }
      return candidates.reduce(candidates[0]) { count($1) > count($0) ? $1 : $0 }
    default: throw DataError.unknownFormat(path: path)
    }
  }

  private mutating func readFields(of file: MappedFile, _ separator: UInt8) throws {
    let splitter = RecordSplitter.fields(separator: separator)
    var records: [[String]] = []
    file.bytes.withSpan { bytes in
      var start = byteOrderMarkLength(of: bytes)
      while start < file.byteCount, records.count <= Self.rowLimit {
        let record = splitter.record(at: start, in: bytes)
        start = record.next
        guard !record.content.isEmpty, !record.isUnclosed else { continue }
        records.append(Self.fields(record.content, in: bytes, separator))
      }
    }
    guard let header = records.first else { return }
    rowCount = records.count - 1
    columns = header.enumerated().map { index, name in
      SampledColumn(
        name: name,
        values: records.dropFirst().map { $0.count > index ? .text($0[index]) : .missing })
    }
  }

  private static func fields(
    _ range: Range<Int>, in bytes: Span<UInt8>, _ separator: UInt8
  ) -> [String] {
    var reader = CSVFieldReader(separator: separator)
    var fields: [String] = []
    reader.begin(range)
    while reader.hasNext, (try? reader.next(in: bytes)) != nil {
      fields.append(String(decoding: reader.field, as: UTF8.self))
    }
    return fields
  }

  private mutating func readObjects(of file: MappedFile) throws {
    var index: [String: Int] = [:]
    file.bytes.withSpan { bytes in
      var start = byteOrderMarkLength(of: bytes)
      while start < file.byteCount, rowCount < Self.rowLimit {
        let record = RecordSplitter.lines.record(at: start, in: bytes)
        start = record.next
        // A bad line is for the reader of the whole file to name.
        guard !record.content.isEmpty,
          let object = try? JSONValue(parsing: record.content.map { bytes[$0] }).object
        else { continue }
        for (name, value) in object {
          if index[name] == nil {
            index[name] = columns.count
            columns.append(
              SampledColumn(
                name: name, values: Array(repeating: .missing, count: rowCount)))
          }
          if let column = index[name] { columns[column].values.append(.init(value)) }
        }
        rowCount += 1
        for column in columns.indices where columns[column].values.count < rowCount {
          columns[column].values.append(.missing)
        }
      }
    }
  }
}

private func byteOrderMarkLength(of bytes: Span<UInt8>) -> Int {
  bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF ? 3 : 0
}

/// A column of a file, as its first rows have it.
public struct SampledColumn {
  /// A cell.
  public enum Value: Equatable {
    /// There is no such key, or null.
    case missing
    case text(String)
    case number(Double)
    case flag(Bool)
    /// An array of strings.
    case list([String])
    /// An object, or an array of something else.
    case other

    init(_ json: JSONValue) {
      switch json {
      case .null: self = .missing
      case .bool(let flag): self = .flag(flag)
      case .integer(let value): self = .number(Double(value))
      case .double(let value): self = .number(value)
      case .string(let text): self = .text(text)
      case .object: self = .other
      case .array(let elements):
        let texts = elements.compactMap(\.string)
        self = texts.count == elements.count ? .list(texts) : .other
      }
    }
  }

  /// Its name; empty for the index that pandas writes.
  public let name: String
  /// Its cells, a row each.
  public internal(set) var values: [Value]

  /// The cells that hold something, as text.
  var texts: [String] {
    values.compactMap { value in
      switch value {
      case .text(let text): text.isEmpty ? nil : text
      case .number(let number): Int(exactly: number).map(String.init) ?? "\(number)"
      case .flag(let flag): flag ? "1" : "0"
      case .missing, .list, .other: nil
      }
    }
  }

  /// Whether every cell says yes or no, or that nobody knows.
  var isBinary: Bool {
    let bits: Set = ["0", "1", "0.0", "1.0", "true", "false", "True", "False", "TRUE", "FALSE"]
    let known = knownTexts
    guard !known.isEmpty, texts.count == values.count, known.allSatisfy(bits.contains) else {
      return false
    }
    // In a column of 1 and −1 alone, −1 may well mean no.
    return unknownCount == 0 || !isConstant
  }

  /// Whether every cell that says something says the same.
  var isConstant: Bool { Set(knownTexts).count <= 1 }

  /// Cells that say that nobody knows.
  var unknownCount: Int { texts.count - knownTexts.count }

  private var knownTexts: [String] {
    let mark = UnknownMark(DataColumns.usualUnknownLabel)
    return texts.filter { !mark.matches(Array($0.utf8)) }
  }

  /// Whether cells are arrays of strings.
  var isListed: Bool {
    values.contains { if case .list(let names) = $0 { !names.isEmpty } else { false } }
  }

  /// Names in all cells that are arrays of strings.
  var nameCount: Int {
    values.reduce(0) { sum, value in
      if case .list(let names) = value { sum + names.count } else { sum }
    }
  }

  /// Characters of a cell, on average.
  var meanLength: Double {
    texts.isEmpty ? 0 : Double(texts.reduce(0) { $0 + $1.count }) / Double(texts.count)
  }

  /// Different cells as a share of all that hold something.
  var distinctShare: Double {
    texts.isEmpty ? 0 : Double(Set(texts).count) / Double(texts.count)
  }
}
