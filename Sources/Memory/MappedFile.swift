// Files seen as memory: read through the page cache, shared by all ranks of a machine.

import CMappedFiles
import Foundation

/// A failed system call on a file.
public struct FileError: Error, Equatable, CustomStringConvertible {
  /// The file.
  public let path: String
  /// What was tried, as a verb: "open", "write", …
  public let operation: String
  /// The system's error number.
  public let code: Int32

  /// An error of `operation` on `path` with the error number `code`.
  public init(path: String, operation: String, code: Int32) {
    self.path = path
    self.operation = operation
    self.code = code
  }

  /// Whether the file or a directory on its path is missing.
  public var isMissingFile: Bool { code == ENOENT || code == ENOTDIR }

  /// One line: the file, what failed and the system's reason.
  public var description: String {
    "\(path): cannot \(operation): \(String(cString: strerror(code)))"
  }
}

/// A whole file mapped read-only, or bytes in memory that came from elsewhere.
public final class MappedFile {
  /// The file's path, for messages.
  public let path: String
  /// Size in bytes.
  public let byteCount: Int
  private let base: UnsafeMutableRawPointer?
  /// What the bytes lie in if not in a file.
  private let contents: Vector<UInt8>?

  /// Bytes that came from elsewhere, such as a stream.
  /// - Parameter path: what they are called in messages.
  public init(path: String, contents: Vector<UInt8>) {
    self.path = path
    self.contents = contents
    byteCount = contents.count
    base = nil
  }

  /// Maps the file. Throws `FileError`.
  public init(path: String) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path: path, operation: "open", code: errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw FileError(path: path, operation: "examine", code: errno)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw FileError(
        path: path, operation: "read", code: status.st_mode & S_IFMT == S_IFDIR ? EISDIR : EINVAL)
    }
    self.path = path
    contents = nil
    byteCount = Int(status.st_size)
    guard byteCount > 0 else {
      base = nil
      return
    }
    guard let mapped = mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, descriptor, 0),
      mapped != MAP_FAILED
    else { throw FileError(path: path, operation: "map", code: errno) }
    base = mapped
    mapped_file_watch(mapped, byteCount, path)
  }

  deinit {
    guard let base else { return }
    mapped_file_forget(base)
    munmap(base, byteCount)
  }

  /// From here on a mapped file that becomes shorter while it is read ends the program with this
  /// status and a message that names it, in place of a signal.
  public static func endProgramOnShortenedFile(status: Int32, prefix: String) {
    // Kept for good: the handler reads it.
    guard let prefix = strdup(prefix) else { return }
    mapped_files_end_with(status, prefix)
  }

  /// A view of `count` values that begin at byte `offset`, which must be aligned for `Element`.
  /// Writing through the view is a fault.
  public func vector<Element: BitwiseCopyable>(
    at offset: Int, count: Int, of type: Element.Type
  ) -> Vector<Element> {
    let size = count * MemoryLayout<Element>.stride
    precondition(count >= 0 && offset >= 0 && offset + size <= byteCount, "outside of \(path)")
    precondition(offset % MemoryLayout<Element>.alignment == 0, "unaligned view of \(path)")
    guard let base = base ?? contents.map({ UnsafeMutableRawPointer($0.pointer) }) else {
      return Vector(zeros: 0)
    }
    return Vector(
      owner: self, pointer: (base + offset).assumingMemoryBound(to: Element.self), count: count)
  }

  /// Gives back the memory of the pages that lie in `range` of the bytes as a whole: what was read
  /// of a file counts as this process's until then. Reading them again brings them back.
  public func release(_ range: Range<Int>) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let first = (range.lowerBound + page - 1) / page * page
    let end = range.upperBound == byteCount ? byteCount : range.upperBound / page * page
    guard let base, first < end, end <= byteCount else { return }
    madvise(base + first, end - first, MADV_DONTNEED)
  }

  /// Reads what a pipe, a terminal or a device gives until its end. Throws `FileError`.
  /// - Parameter path: "-" is standard input.
  public static func contents(ofStream path: String) throws -> [UInt8] {
    let descriptor = path == "-" ? dup(0) : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path: path, operation: "open", code: errno) }
    defer { close(descriptor) }
    var (bytes, count) = ([UInt8](repeating: 0, count: 1 << 16), 0)
    while true {
      if count == bytes.count { bytes += [UInt8](repeating: 0, count: count) }
      let got = bytes.withUnsafeMutableBytes {
        read(
          descriptor, UnsafeMutableRawBufferPointer(rebasing: $0[count...]).baseAddress,
          $0.count - count)
      }
      if got == 0 { return Array(bytes[..<count]) }
      guard got > 0 || errno == EINTR else {
        throw FileError(path: path, operation: "read", code: errno)
      }
      count += max(got, 0)
    }
  }

  /// All bytes of the file.
  public var bytes: Vector<UInt8> { vector(at: 0, count: byteCount, of: UInt8.self) }
}
