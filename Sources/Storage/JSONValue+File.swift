import Foundation
import Memory

extension JSONValue {
  /// Reads a JSON file of at most 100 MB. Throws `FileError` if it cannot be read,
  /// `StorageError` of kind malformed, with line and column, if it is not JSON.
  public init(contentsOf path: String) throws {
    let file = try MappedFile(path: path)
    guard file.byteCount <= 100_000_000 else {
      throw StorageError(.malformed, path, "\(file.byteCount) bytes are too many for a JSON file")
    }
    do throws(JSONError) {
      try self.init(parsing: file.bytes.array)
    } catch {
      if let problem = GitLFSPointer.problem(file.bytes.array) {
        throw StorageError(.malformed, path, problem)
      }
      throw StorageError(.malformed, path, "not valid JSON, \(error)")
    }
  }

  /// Writes the value, pretty, as a whole file: whoever opens the path sees the old content or the
  /// new one, also after a power cut. Throws as `PendingFile`; the old file is then untouched.
  public func write(to path: String) throws {
    let file = try PendingFile(path: path)
    try file.write(Array((text(pretty: true) + "\n").utf8))
    try file.commit()
  }
}
