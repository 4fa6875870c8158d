import Memory

/// What makes a saved directory complete: its files, each with size and SHA-256.
public struct Manifest: Sendable, Equatable {
  /// The manifest's own name in the directory.
  public static let fileName = "manifest.json"

  /// The files, in the order of their names.
  public let files: [FileRecord]

  /// A manifest of the files, whose names must differ.
  public init(files: [FileRecord]) {
    self.files = files.sorted { $0.name < $1.name }
  }

  /// Reads the manifest of a directory. Throws `StorageError` of kind malformed, or `FileError`.
  public init(directory: String) throws {
    let path = "\(directory)/\(Self.fileName)"
    let value = try JSONValue(contentsOf: path)
    guard value["version"] == 1, let members = value["files"]?.object else {
      throw StorageError(.malformed, path, "is not a manifest of version 1")
    }
    files = try members.map { name, value in
      guard isPlainName(name), let byteCount = value["bytes"]?.integer, byteCount >= 0,
        let sha256 = value["sha256"]?.string, sha256.utf8.count == 64
      else { throw StorageError(.malformed, path, "the record of \(excerpt(name)) is not sound") }
      return FileRecord(name: name, byteCount: byteCount, sha256: sha256)
    }
  }

  /// The manifest as it is written.
  var json: JSONValue {
    let members = files.map { file in
      (file.name, ["bytes": .integer(file.byteCount), "sha256": .string(file.sha256)] as JSONValue)
    }
    return ["version": 1, "files": .object(JSONObject(members))]
  }

  /// Compares the sizes of all files of the directory. Files that the manifest does not name are
  /// passed over. Throws `StorageError` of kind malformed.
  public func checkSizes(in directory: String) throws {
    for file in files {
      let path = "\(directory)/\(file.name)"
      switch fileKind(path) {
      case .file(file.byteCount): continue
      case .file(let found):
        throw StorageError(
          .malformed, path, "\(file.byteCount) bytes wanted by the manifest, \(found) found")
      case nil: throw StorageError(.malformed, path, "is missing, but the manifest names it")
      default: throw StorageError(.malformed, path, "is not a regular file")
      }
    }
  }

  /// The same manifest for those files only whose names satisfy `isIncluded`.
  public func filter(_ isIncluded: (String) -> Bool) -> Manifest {
    Manifest(files: files.filter { isIncluded($0.name) })
  }

  /// Compares sizes, then hashes. Throws `StorageError` of kind malformed, or `FileError`.
  public func validate(_ directory: String) throws {
    try checkSizes(in: directory)
    for file in files {
      let path = "\(directory)/\(file.name)"
      guard try FileRecord(reading: path, name: file.name) == file else {
        throw StorageError(.malformed, path, "its SHA-256 is not that of the manifest")
      }
    }
  }
}
