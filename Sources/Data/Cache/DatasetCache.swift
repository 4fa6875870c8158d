import Foundation
import Memory

/// What the rows in a cache file depend on.
public struct DatasetKey: Equatable, Sendable {
  /// Tells apart what one directory may hold side by side: source and settings, not content.
  let place: String
  /// A hash of the source file's whole content. Times and inodes are left out: they miss an edit
  /// within the clock's grain and change where a file is only copied, and reading the content at
  /// several GB/s costs little beside opening the file.
  public let content: UInt64
  /// What the cache file is called: after the source, so that a changed source replaces its file.
  let fileName: String

  /// The key of a source that is encoded in this way.
  public init(source: DataSource, encoder: some TokenEncoder, maxLength: Int) {
    let path = URL(fileURLWithPath: source.path).standardizedFileURL.path
    place = [path, encoder.identity, String(maxLength), source.columns.signature]
      .map { "\($0.utf8.count):\($0)" }.joined(separator: ",")
    content = Fingerprint.hash(source.file)
    let stem = ((path as NSString).lastPathComponent as NSString).deletingPathExtension
    fileName = "\(stem)-\(String(Fingerprint.hash(place), radix: 16)).rows"
  }

  var text: String { "\(content) \(place)" }
}

/// What a look into the cache gave.
public enum CacheLookup {
  /// The rows, mapped.
  case found(StoredRows)
  /// There is no file for this key.
  case missing
  /// There is a file, and why it cannot be used; writing replaces it.
  case rejected(reason: String)
}

/// A directory of encoded data files, one for each source and way to encode it.
///
/// A file is used only where its checksum and its whole key are right. What one version writes,
/// another rebuilds.
public struct DatasetCache {
  /// The directory; made when it is first written to.
  public let directory: String

  /// A cache in `directory`.
  public init(directory: String) {
    self.directory = directory
  }

  /// The file of a key.
  public func path(for key: DatasetKey) -> String { "\(directory)/\(key.fileName)" }

  /// Maps the rows stored for the key.
  public func lookup(_ key: DatasetKey) -> CacheLookup {
    do {
      let file = try CacheFile(path: path(for: key))
      let bytes: Vector<UInt8> = file.section(.key)
      guard bytes.array == Array(key.text.utf8) else {
        return .rejected(reason: "the data or the way to encode it has changed")
      }
      return .found(StoredRows(file))
    } catch let rejection as CacheFile.Rejection {
      return .rejected(reason: rejection.reason)
    } catch let error as FileError where error.isMissingFile {
      return .missing
    } catch {
      return .rejected(reason: String(describing: error))
    }
  }

  /// Stores the rows under the key, replacing what was there, and maps them. The file appears
  /// under its name only when it is whole and on the disk. Throws `FileError`.
  public func write(_ rows: StoredRows, key: DatasetKey) throws -> StoredRows {
    let path = path(for: key)
    try makeDirectory()
    let temporary = "\(path).\(UUID().uuidString).tmp"
    defer { unlink(temporary) }
    try writeSections(of: rows, key: key, to: temporary)
    try appendChecksum(to: temporary)
    guard rename(temporary, path) == 0 else {
      throw FileError(path: path, operation: "replace", code: errno)
    }
    try synchronizeDirectory(directory)
    do {
      return StoredRows(try CacheFile(path: path))
    } catch is CacheFile.Rejection {
      throw FileError(path: path, operation: "read back", code: EIO)
    }
  }

  private func makeDirectory() throws {
    do {
      try FileManager.default.createDirectory(
        atPath: directory, withIntermediateDirectories: true)
    } catch {
      let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
      let code = cause.map { Int32($0.code) } ?? EACCES
      throw FileError(path: directory, operation: "create the directory", code: code)
    }
  }

  private func writeSections(of rows: StoredRows, key: DatasetKey, to path: String) throws {
    let key = Vector(copying: Array(key.text.utf8))
    let sizes = [
      key.count, rows.tokens.byteCount, rows.offsets.byteCount, rows.labelIndices.byteCount,
      rows.labelOffsets.byteCount, rows.idBytes.byteCount, rows.idOffsets.byteCount,
      rows.nameBytes.byteCount, rows.nameOffsets.byteCount,
    ]
    let output = try OutputFile(path: path)
    func write<Element>(_ values: Vector<Element>) throws {
      try output.write(values)
      try output.write([UInt8](repeating: 0, count: CacheFile.padding(values.byteCount)))
    }
    try output.write(Vector(copying: CacheFile.header(sizes: sizes)))
    try write(key)
    try write(rows.tokens)
    try write(rows.offsets)
    try write(rows.labelIndices)
    try write(rows.labelOffsets)
    try write(rows.idBytes)
    try write(rows.idOffsets)
    try write(rows.nameBytes)
    try write(rows.nameOffsets)
    try output.close()
  }

  private func appendChecksum(to path: String) throws {
    let file = try MappedFile(path: path)
    let words = file.vector(at: 0, count: file.byteCount / 8, of: UInt64.self)
    let output = try OutputFile(path: path, appending: true)
    try output.write(Vector(copying: [words.withSpan { Fingerprint.hash($0) }]))
    try output.synchronize()
    try output.close()
  }
}

extension Vector {
  /// Size in bytes.
  fileprivate var byteCount: Int { count * MemoryLayout<Element>.stride }
}
