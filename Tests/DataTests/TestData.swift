import Data
import Foundation
import Text

/// A stand-in for a tokenizer: a token per Unicode scalar between two marks, so that a text can be
/// read back from its tokens. Emoji have ids beyond 16 bits.
struct ScalarTokenizer: Tokenizer {
  var fingerprint = "scalars"
  let vocabularyCount = 0x11_0000

  func encode(utf8 text: Span<UInt8>, maxLength: Int, into ids: inout [Int32]) {
    let text = String(decoding: text.indices.map { text[$0] }, as: UTF8.self)
    ids.append(1)
    ids += text.unicodeScalars.prefix(maxLength - 2).map { Int32($0.value) }
    ids.append(2)
  }

  func placedWords(utf8 text: Span<UInt8>, maxLength: Int) -> [PlacedWord] {
    preconditionFailure("nobody asks for words")
  }

  func fileContents() -> [TokenizerFileContent] { [] }
}

extension Dataset {
  /// The text of a row that `ScalarTokenizer` encoded.
  func text(_ row: Int) -> String {
    var text = ""
    for token in (tokens(row)?.array ?? []).dropFirst().dropLast() {
      text.unicodeScalars.append(Unicode.Scalar(UInt32(token)) ?? "?")
    }
    return text
  }

  var texts: [String] { (0..<rowCount).map(text) }
  var ids: [String] { (0..<rowCount).map(id) }
  var labelNamesOfRows: [[String]] {
    (0..<rowCount).map { labelIndices($0).map { labels.names[Int($0)] } }
  }
}

/// A directory that is removed with the value's last use.
final class TemporaryDirectory {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "ddp-train-data-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ content: String, to name: String) throws -> String {
    try write(Array(content.utf8), to: name)
  }

  func write(_ bytes: [UInt8], to name: String) throws -> String {
    let file = "\(path)/\(name)"
    guard FileManager.default.createFile(atPath: file, contents: .init(bytes)) else {
      throw CocoaError(.fileWriteUnknown)
    }
    return file
  }
}

func fixture(_ name: String) throws -> String {
  guard let path = Bundle.module.path(forResource: "Fixtures/\(name)", ofType: nil) else {
    throw CocoaError(.fileNoSuchFile)
  }
  return path
}

/// Reads a whole file, in `parts` parts that travel as bytes.
func read(
  _ path: String, columns: DataColumns = DataColumns(), parts: Int = 1,
  keeping content: RowContent = .tokens(ScalarTokenizer(), maxLength: 128)
) throws -> EncodedRows {
  let source = try DataSource(path: path, columns: columns)
  let encoded = try (0..<parts).map { part in
    let rows = source.encode(part: part, of: parts, keeping: content)
    return try EncodedRows(serialized: rows.serialized)
  }
  return try EncodedRows(concatenating: encoded).checked(path: path)
}

func dataset(_ path: String, columns: DataColumns = DataColumns()) throws -> Dataset {
  Dataset(StoredRows(try read(path, columns: columns)))
}

/// The lines and reasons of the bad rows of a file, without its name.
func badRows(
  _ content: [UInt8], name: String, columns: DataColumns = DataColumns(), parts: Int = 1
) throws -> BadRowReport? {
  let directory = try TemporaryDirectory()
  let path = try directory.write(content, to: name)
  do {
    _ = try read(path, columns: columns, parts: parts)
    return nil
  } catch DataError.badRows(_, let report) {
    return report
  }
}

/// The message about a file with this content and the columns as they are changed.
func message(
  _ content: String, name: String, _ change: (inout DataColumns) -> Void
) throws -> String {
  var columns = DataColumns()
  change(&columns)
  return try message(content, name: name, columns: columns)
}

/// The message about a file with this content; empty if it can be read.
func message(
  _ content: String, name: String, columns: DataColumns = DataColumns()
) throws -> String {
  let directory = try TemporaryDirectory()
  let path = try directory.write(content, to: name)
  do {
    _ = try read(path, columns: columns)
    return ""
  } catch let error as DataError {
    return error.description.replacing(directory.path + "/", with: "")
  }
}
