import Foundation
import Memory
import Synchronization

/// Files of a directory that stand in the system's memory, not yet hashed and flushed.
///
/// Writing a file so takes as long as copying it. `finish` does the rest, which takes longer, on
/// any thread, and what the files were written from may change meanwhile.
public final class UnfinishedFiles: Sendable {
  private let files = Mutex<[(file: UnflushedFile, name: String, byteCount: Int)]>([])

  /// No files.
  public init() {}

  /// Takes over a file that has been written.
  func add(_ written: HashedFile) {
    let (file, name, byteCount) = written.handOver()
    files.withLock { $0.append((file, name, byteCount)) }
  }

  /// Hashes and flushes the files, and returns their records. Throws `FileError`.
  public func finish() throws -> [FileRecord] {
    var rest = takeAll()[...]
    defer { for (file, _, _) in rest { file.abandon() } }
    var records: [FileRecord] = []
    while let (file, name, byteCount) = rest.popFirst() {
      let record = Result { try FileRecord(reading: file.path, name: name) }
      try file.finish()
      records.append(try record.get())
      guard records.last?.byteCount == byteCount else {
        throw FileError(path: file.path, operation: "read back", code: EIO)
      }
    }
    return records
  }

  /// Closes the files.
  public func abandon() {
    for (file, _, _) in takeAll() { file.abandon() }
  }

  private func takeAll() -> [(file: UnflushedFile, name: String, byteCount: Int)] {
    files.withLock { files in
      defer { files = [] }
      return files
    }
  }
}
