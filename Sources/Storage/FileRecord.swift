import Crypto
import Foundation
import Memory

/// What a manifest says of one file.
public struct FileRecord: Sendable, Equatable {
  /// The file's name within its directory.
  public let name: String
  /// Its size in bytes.
  public let byteCount: Int
  /// The SHA-256 of its content, 64 lower-case hexadecimal digits.
  public let sha256: String

  /// A record as another rank sent it.
  public init(name: String, byteCount: Int, sha256: String) {
    self.name = name
    self.byteCount = byteCount
    self.sha256 = sha256
  }

  /// Reads a file and computes its record. Throws `FileError`.
  ///
  /// The file is read, not mapped: a disk that fails is then an error instead of a signal. The
  /// pieces are small enough for the allocator to keep none of them for later, so that hashing
  /// leaves no trace in the process's memory.
  public init(reading path: String, name: String) throws {
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw systemError(path, "open")
    }
    var hash = SHA256()
    var byteCount = 0
    do {
      while let chunk = try handle.read(upToCount: 64 << 10), !chunk.isEmpty {
        hash.update(data: chunk)
        byteCount += chunk.count
      }
    } catch {
      throw fileError(path, "read", from: error)
    }
    self.init(name: name, byteCount: byteCount, sha256: hexadecimal(hash.finalize()))
  }
}

/// A file that is hashed while it is written, or later, from what was written.
public final class HashedFile: ByteOutput {
  private let file: OutputFile
  private let name: String
  private let hashesLater: Bool
  private var hash = SHA256()
  private var byteCount = 0

  /// Creates the file, or empties it. Throws `FileError`.
  public init(path: String) throws {
    file = try OutputFile(path: path)
    name = lastComponent(of: path)
    hashesLater = false
  }

  init(path: String, hashesLater: Bool) throws {
    file = try OutputFile(path: path)
    name = lastComponent(of: path)
    self.hashesLater = hashesLater
  }

  /// Writes the bytes of all values. Throws `FileError`.
  public func write<Element: BitwiseCopyable>(_ values: Vector<Element>) throws {
    // In pieces that stay in the cache from the hash to the copy into the kernel.
    let bytes = values.bytes
    for start in stride(from: 0, to: bytes.count, by: 1 << 20) {
      let piece = bytes[start..<min(start + 1 << 20, bytes.count)]
      if !hashesLater { piece.withBytes { hash.update(bufferPointer: $0) } }
      try file.write(piece)
    }
    byteCount += bytes.count
  }

  /// Writes the text as UTF-8. Throws `FileError`.
  public func write(_ text: String) throws {
    try write(Array(text.utf8))
  }

  /// Writes the bytes. Throws `FileError`.
  public func write(_ bytes: [UInt8]) throws {
    if !hashesLater { hash.update(data: bytes) }
    try file.write(bytes)
    byteCount += bytes.count
  }

  /// Waits until the disk has the file, closes it and returns its record. Throws `FileError`.
  public func finish() throws -> FileRecord {
    precondition(!hashesLater, "the record of \(name) is not known yet")
    try file.synchronize()
    try file.close()
    return FileRecord(name: name, byteCount: byteCount, sha256: hexadecimal(hash.finalize()))
  }
}

extension HashedFile {
  /// Gives the file up before it is flushed.
  func handOver() -> (file: UnflushedFile, name: String, byteCount: Int) {
    (file.handOver(), name, byteCount)
  }
}

private func hexadecimal(_ digest: SHA256.Digest) -> String {
  let digits = Array("0123456789abcdef")
  return String(digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
}
