import Foundation

/// A file being written from its beginning, by whole values, each call complete or an error.
public final class OutputFile {
  /// The file's path, for messages.
  public let path: String
  private var descriptor: Int32

  /// Creates the file, or empties it (`appending`: goes on at its end). Throws `FileError`.
  public init(path: String, appending: Bool = false) throws {
    let mode = appending ? O_APPEND : O_TRUNC
    descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | mode, 0o644)
    guard descriptor >= 0 else { throw FileError(path: path, operation: "create", code: errno) }
    self.path = path
  }

  /// Opens what takes bytes and keeps none: a pipe, a terminal, a device. A pipe with a name waits
  /// for its reader. Throws `FileError`.
  public init(stream path: String) throws {
    descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path: path, operation: "open", code: errno) }
    self.path = path
  }

  /// Goes on where an open descriptor of this process stands, such as standard output. Throws
  /// `FileError`.
  /// - Parameter path: for messages.
  public init(descriptor open: Int32, path: String) throws {
    descriptor = dup(open)
    guard descriptor >= 0 else { throw FileError(path: path, operation: "open", code: errno) }
    self.path = path
  }

  deinit {
    if descriptor >= 0 { _ = Foundation.close(descriptor) }
  }

  /// Writes the bytes of all values.
  public func write<Element: BitwiseCopyable>(_ values: Vector<Element>) throws {
    try values.withBytes { try write($0) }
  }

  /// Writes the bytes.
  public func write(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try write($0) }
  }

  /// Writes the text as UTF-8.
  public func write(_ text: String) throws {
    try write(Array(text.utf8))
  }

  private func write(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = Foundation.write(
        descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if written > 0 {
        rest = rest.dropFirst(written)
      } else if errno != EINTR {
        throw FileError(path: path, operation: "write", code: errno)
      }
    }
  }

  /// Waits until the disk has the content. Throws `FileError`.
  public func synchronize() throws {
    guard fsync(descriptor) == 0 else {
      throw FileError(path: path, operation: "flush", code: errno)
    }
  }

  /// Gives the file up as it is, to be flushed and closed later, by another thread too.
  public func handOver() -> UnflushedFile {
    defer { descriptor = -1 }
    return UnflushedFile(path: path, descriptor: descriptor)
  }

  /// Closes the file; some file systems report a failed write only here. Throws `FileError`.
  public func close() throws {
    guard descriptor >= 0 else { return }
    let code = Foundation.close(descriptor)
    descriptor = -1
    guard code == 0 else { throw FileError(path: path, operation: "close", code: errno) }
  }
}

/// A file that has been written but not flushed. Each must be finished or abandoned, once.
public struct UnflushedFile: Sendable {
  /// The file's path, for messages.
  public let path: String
  fileprivate let descriptor: Int32

  /// Waits until the disk has the content, and closes the file. Throws `FileError`.
  public func finish() throws {
    let isFlushed = fsync(descriptor) == 0
    let code = errno
    let isClosed = close(descriptor) == 0
    guard isFlushed else { throw FileError(path: path, operation: "flush", code: code) }
    guard isClosed else { throw FileError(path: path, operation: "close", code: errno) }
  }

  /// Closes the file.
  public func abandon() { close(descriptor) }
}

/// Flushes a directory's entries, so that a file made or renamed in it survives a power cut.
public func synchronizeDirectory(_ path: String) throws {
  let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0 else { throw FileError(path: path, operation: "open", code: errno) }
  defer { close(descriptor) }
  guard fsync(descriptor) == 0 else {
    throw FileError(path: path, operation: "flush", code: errno)
  }
}
