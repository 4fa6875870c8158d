import Foundation
import Memory
import Storage

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

  /// The key of a source of which this is kept.
  public init(source: DataSource, keeping rows: RowContent) {
    let path = URL(fileURLWithPath: source.path).standardizedFileURL.path
    place = [path, rows.identity, source.columns.signature]
      .map { "\($0.utf8.count):\($0)" }.joined(separator: ",")
    content = source.bytes.fingerprint
    let stem = ((path as NSString).lastPathComponent as NSString).deletingPathExtension
    fileName = "\(stem)-\(String(Fingerprint.hash(place), radix: 16)).safetensors"
  }

  /// The number changes where a version of the program reads other rows of the same file.
  var text: String { "\(content) rows 2 \(place)" }
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
      return .found(try CacheFile(path: path(for: key), key: key.text).rows())
    } catch let rejection as CacheFile.Rejection {
      return .rejected(reason: rejection.reason)
    } catch let error as FileError where error.isMissingFile {
      return .missing
    } catch {
      return .rejected(reason: String(describing: error))
    }
  }

  /// Stores the rows under the key, replacing what was there, and maps them. Throws `FileError`.
  public func write(_ rows: StoredRows, key: DatasetKey) throws -> StoredRows {
    let path = path(for: key)
    try CacheFile.write(rows.cacheTensors, key: key.text, to: path)
    do {
      return try CacheFile(path: path, key: key.text).rows()
    } catch is CacheFile.Rejection {
      throw FileError(path: path, operation: "read back", code: EIO)
    }
  }
}

extension CacheFile {
  /// The rows that `StoredRows.cacheTensors` stored. Throws `Rejection`.
  fileprivate func rows() throws -> StoredRows {
    let rows = StoredRows(
      tokens: has("tokens") ? try ragged("tokens", of: Int32.self) : nil,
      texts: has("texts") ? try ragged("texts", of: UInt8.self) : nil,
      records: StoredRecords(
        ids: try ragged("ids", of: UInt8.self),
        emptyLines: has("empty_lines") ? try elements("empty_lines", of: UInt64.self).array : []),
      labels: StoredLabels(
        ofRows: try ragged("labels", of: Int32.self),
        unknown: has("unknown_labels") ? try ragged("unknown_labels", of: Int32.self) : nil,
        names: try ragged("label_names", of: UInt8.self)),
      splitKeys: SplitKeys(
        groups: try elements("groups", of: UInt64.self),
        dates: has("dates") ? try elements("dates", of: Int64.self) : nil))
    guard let rows else { throw Rejection(reason: "its tensors do not agree") }
    return rows
  }
}

extension StoredRows {
  fileprivate var cacheTensors: [CacheTensor] {
    var names = RaggedArray<UInt8>()
    for name in labelNames.names { names.append(Array(name.utf8)) }
    return (tokens.map { CacheTensor.ragged("tokens", $0) } ?? [])
      + (texts.map { CacheTensor.ragged("texts", $0) } ?? [])
      + CacheTensor.ragged("labels", labels)
      + (unknownLabels.map { CacheTensor.ragged("unknown_labels", $0) } ?? [])
      + CacheTensor.ragged("ids", ids)
      + CacheTensor.ragged("label_names", RaggedVector(names))
      + [CacheTensor("groups", splitKeys.groups)]
      + (splitKeys.dates.map { [CacheTensor("dates", $0)] } ?? [])
      + (emptyLines.isEmpty
        ? [] : [CacheTensor("empty_lines", Vector(copying: emptyLines.map(UInt64.init)))])
  }
}
