import Memory

/// A file that appears whole or not at all: written beside its place, flushed, then renamed.
public final class PendingFile {
  /// Where it will stand.
  public let destination: String
  private let temporary: String
  private let file: OutputFile
  private var isCommitted = false

  /// Begins the file. Its directory must exist. Throws `FileError`, and `StorageError` of kind
  /// occupied where a directory stands at the place.
  public init(path: String) throws {
    if fileKind(path) == .directory {
      throw StorageError(.occupied, path, "a directory stands where a file is wanted")
    }
    destination = path
    temporary = sibling(".tmp-\(lastComponent(of: path))", of: path)
    file = try OutputFile(path: temporary)
  }

  deinit {
    if !isCommitted { try? removeTree(temporary) }
  }

  /// Writes the bytes. Throws `FileError`.
  public func write(_ bytes: [UInt8]) throws { try file.write(bytes) }

  /// Puts the file in its place. Throws `FileError`.
  public func commit() throws {
    try file.synchronize()
    try file.close()
    try renameEntry(temporary, to: destination)
    isCommitted = true
    try synchronizeDirectory(parent(of: destination))
  }
}

extension PendingFile {
  /// Writes a text and puts the file in its place.
  public static func write(_ text: String, to path: String) throws {
    let file = try PendingFile(path: path)
    try file.write(Array(text.utf8))
    try file.commit()
  }
}
