import Foundation
import Memory

/// The bytes of a data file as text: unpacked where gzip has packed them, and checked to be nothing
/// that only looks like a file of rows.
struct DataFile {
  /// The text. It is known by the path as the user wrote it.
  let file: MappedFile
  /// Where the text begins: behind a byte-order mark.
  let start: Int
  /// Whether gzip has packed the file.
  let isPacked: Bool
  /// Whether the bytes came from a stream, whose name need not say anything.
  let isStream: Bool

  var path: String { file.path }

  /// The ending of the name, in small letters, without `gz`.
  var ending: String {
    let path = path as NSString
    let ending = path.pathExtension.lowercased()
    guard ending == "gz" else { return ending }
    return (path.deletingPathExtension as NSString).pathExtension.lowercased()
  }

  /// Throws `DataError` and `FileError`.
  /// - Parameter stream: the bytes of a stream that `path` names; nil where it names a file.
  init(path: String, stream: Vector<UInt8>? = nil) throws {
    isStream = stream != nil
    let raw = try stream.map { MappedFile(path: path, contents: $0) } ?? MappedFile(path: path)
    guard raw.byteCount > 0 else { throw DataError.noRows(path: path) }
    isPacked = Gzip.isPacked(Self.head(of: raw))
    file = isPacked ? MappedFile(path: path, contents: try Self.unpacked(raw)) : raw
    guard file.byteCount > 0 else { throw DataError.noRows(path: path) }
    let head = Self.head(of: file)
    if let problem = ForeignFormat.problem(head, path: path) {
      throw DataError.wrongFormat(path: path, reason: problem)
    }
    start = head.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  private static func head(of file: MappedFile) -> [UInt8] {
    file.bytes[0..<min(ForeignFormat.headSize, file.byteCount)].array
  }

  private static func unpacked(_ file: MappedFile) throws(DataError) -> Vector<UInt8> {
    do { return try Gzip.unpacked(file.bytes) } catch {
      let reason =
        switch error {
        case .truncated: "this gzip file is cut off: copy or download it again"
        case .damaged: "this gzip file is damaged: copy or download it again"
        case .tooLarge: "this gzip file holds more than fits into memory: unpack it with gunzip"
        }
      throw .wrongFormat(path: file.path, reason: reason)
    }
  }
}
