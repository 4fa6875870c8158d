import Foundation
import Memory

/// A file that is being written.
public protocol ByteOutput {
  /// Writes the bytes of all values. Throws `FileError`.
  func write<Element: BitwiseCopyable>(_ values: Vector<Element>) throws
  /// Writes the bytes. Throws `FileError`.
  func write(_ bytes: [UInt8]) throws
}

/// A file that appears whole or not at all: written beside its place, flushed, then renamed.
public final class PendingFile: ByteOutput {
  /// Where it will stand.
  public let destination: String
  private let temporary: String
  private let file: OutputFile
  private var isCommitted = false

  /// Begins the file. Its directory must exist. Throws `FileError`, and `StorageError` of kind
  /// occupied where a directory stands at the place.
  /// - Parameter isShared: whether other processes may write the same file meanwhile, so that its
  ///   temporary name must be one that nobody else uses.
  public init(path: String, isShared: Bool = false) throws {
    if fileKind(path) == .directory {
      throw StorageError(.occupied, path, "a directory stands where a file is wanted")
    }
    destination = path
    let suffix = isShared ? ".\(UUID().uuidString)" : ""
    temporary = sibling(".tmp-\(lastComponent(of: path))\(suffix)", of: path)
    file = try OutputFile(path: temporary)
  }

  deinit {
    if !isCommitted { try? removeTree(temporary) }
  }

  /// Writes the bytes of all values. Throws `FileError`.
  public func write<Element: BitwiseCopyable>(_ values: Vector<Element>) throws {
    try file.write(values)
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
  /// Copies a whole file. Throws `FileError`.
  public static func copy(_ source: String, to path: String) throws {
    let content = try MappedFile(path: source)
    let file = try PendingFile(path: path)
    try file.write(content.bytes.array)
    try file.commit()
  }

  /// Writes a text and puts the file in its place.
  public static func write(_ text: String, to path: String) throws {
    let file = try PendingFile(path: path)
    try file.write(Array(text.utf8))
    try file.commit()
  }
}
