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
/// Symbolic links are followed: the file that they lead to is replaced, and keeps its permissions.
///
/// "-" (standard output), pipes, terminals and devices get the bytes as they come.
public final class PendingFile: ByteOutput {
  private let file: OutputFile
  /// Both nil for a stream.
  private let (temporary, destination): (String?, String?)
  private var isCommitted = false

  /// Begins the file. Its directory must exist. Throws `FileError`, and `StorageError` of kind
  /// occupied if a directory stands at the place.
  /// - Parameter isShared: whether other processes may write the same file meanwhile, so that its
  ///   temporary name must be one that nobody else uses.
  public init(path: String, isShared: Bool = false) throws {
    switch try OutputPlace(path) {
    case .descriptor(let number):
      file = try OutputFile(descriptor: number, path: number == 1 ? "standard output" : path)
      (temporary, destination) = (nil, nil)
    case .stream:
      file = try OutputFile(stream: path)
      (temporary, destination) = (nil, nil)
    case .file(let target):
      let suffix = isShared ? ".\(UUID().uuidString)" : ""
      let beside = sibling(".tmp-\(lastComponent(of: target))\(suffix)", of: target)
      file = try OutputFile(path: beside)
      (temporary, destination) = (beside, target)
      if let old = FileIdentity(target) { chmod(beside, old.mode & 0o7777) }
    }
  }

  deinit {
    if let temporary, !isCommitted { try? removeTree(temporary) }
  }

  /// Writes the bytes of all values. Throws `FileError`.
  public func write<Element: BitwiseCopyable>(_ values: Vector<Element>) throws {
    try file.write(values)
  }

  /// Writes the bytes. Throws `FileError`.
  public func write(_ bytes: [UInt8]) throws { try file.write(bytes) }

  /// Puts the file in its place. Throws `FileError`.
  public func commit() throws {
    guard let temporary, let destination else { return try file.close() }
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
