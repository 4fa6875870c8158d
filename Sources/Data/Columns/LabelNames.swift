import Memory
import Storage
import Text

/// The names of labels, in the order of their numbers.
public enum LabelNames: Equatable, Sendable {
  /// The names themselves.
  case list([String])
  /// The path of a file of them: a name a line, or a JSON array.
  case file(String)

  /// The names. Throws `FileError`, and `DataError` where a name is empty or occurs twice.
  func resolved() throws -> [String] {
    let names: [String]
    switch self {
    case .list(let list): names = list
    case .file(let path): names = try Self.names(in: path)
    }
    guard !names.isEmpty, !names.contains(where: \.isEmpty) else {
      throw DataError.unclearColumns(
        path: place, reason: "holds no names of labels, or an empty one")
    }
    _ = try LabelSet(ordered: names)
    return names
  }

  private var place: String {
    switch self {
    case .list: "the names of labels"
    case .file(let path): path
    }
  }

  private static func names(in path: String) throws -> [String] {
    let data = try DataFile(path: path)
    let bytes = data.file.bytes[data.start..<data.file.byteCount].array
    if bytes.first(where: { !$0.isBlank }) == UInt8(ascii: "[") {
      let names = try? JSONValue(parsing: bytes).array
      let texts = names?.compactMap(\.string)
      guard let texts, texts.count == names?.count else {
        throw DataError.unclearColumns(path: path, reason: "is no JSON array of names")
      }
      return texts
    }
    var lines = bytes.split(separator: .lineFeed, omittingEmptySubsequences: false).map { line in
      String(decoding: line.last == .carriageReturn ? line.dropLast() : line, as: UTF8.self)
    }
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }
}
