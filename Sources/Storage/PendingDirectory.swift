// A directory that appears whole or not at all. It is written beside its place under a temporary
// name, every file flushed; then its manifest; then it is renamed into place.
//
// If a directory stands there already, as `best/` does, two renames are needed, and a kill may
// fall between them. The old directory is therefore moved aside under a name of its own, which
// `recover` puts back: at every moment the place or that name holds a complete directory. (Linux
// can exchange two directories in one call, but network file systems refuse it, so that the way
// by two renames would be needed all the same.)

import Foundation
import Memory

/// A directory being written. Rank 0 begins and commits it; every rank may write files of its own
/// into it in between.
///
///     rank 0: begin, barrier · all: join, writeFile …, barrier · rank 0: commit with all records
public struct PendingDirectory: Sendable {
  /// Where it will stand.
  public let destination: String
  /// Where files go that are hashed and flushed later; nil if each is at once.
  private let unfinished: UnfinishedFiles?
  /// Where it is written, in the same parent directory.
  public var temporary: String {
    sibling(".tmp-\(lastComponent(of: destination))", of: destination)
  }
  /// Where the directory that it replaces stands for a moment.
  var aside: String { Self.aside(of: destination) }

  private static func aside(of destination: String) -> String {
    sibling(".old-\(lastComponent(of: destination))", of: destination)
  }

  /// A directory that rank 0 has begun, for the other ranks; nothing is touched.
  ///
  /// With `unfinished`, files are neither hashed nor flushed as they are written, and their records
  /// are those that `unfinished` gives in the end.
  public init(joining destination: String, unfinished: UnfinishedFiles? = nil) {
    self.destination = destination
    self.unfinished = unfinished
  }

  /// Begins a directory; a half-written one of the same name is removed first. The parent directory
  /// must exist. Throws `FileError`, and `StorageError` of kind occupied if something that is no
  /// directory stands at `destination`.
  public static func begin(at destination: String) throws -> PendingDirectory {
    try checkPlace(destination)
    let pending = PendingDirectory(joining: destination)
    try removeTree(pending.temporary)
    try makeDirectory(pending.temporary)
    return pending
  }

  /// Fails if something other than a directory stands at the place of one.
  static func checkPlace(_ path: String) throws {
    guard let kind = fileKind(path), kind != .directory else { return }
    let name = kind == .symbolicLink ? "a symbolic link" : "a file"
    throw StorageError(.occupied, path, "\(name) stands where a directory is wanted; move it away")
  }

  /// Creates a file of the directory, lets `body` write it, flushes it and returns its record. On
  /// failure the file is removed, so that a full disk has its space back. Throws `FileError`, and
  /// whatever `body` throws.
  public func writeFile(_ name: String, _ body: (HashedFile) throws -> Void) throws -> FileRecord {
    precondition(isPlainName(name) && name != Manifest.fileName, "\(name) is no name for a file")
    let path = "\(temporary)/\(name)"
    do {
      let file = try HashedFile(path: path, hashesLater: unfinished != nil)
      try body(file)
      guard let unfinished else { return try file.finish() }
      unfinished.add(file)
      return FileRecord(name: name, byteCount: 0, sha256: "")
    } catch {
      try? removeTree(path)
      throw error
    }
  }

  /// Copies a file into the directory under a name. Throws `FileError`.
  public func copyFile(_ path: String, as name: String) throws -> FileRecord {
    let source = try MappedFile(path: path)
    return try writeFile(name) { try $0.write(source.bytes) }
  }

  /// Makes the directory complete and puts it in its place. `files` are the records of all files,
  /// those of other ranks included, which must have been written before.
  ///
  /// On failure the temporary directory is removed and what stood at the place stands there still;
  /// the error is the `FileError` or `StorageError`.
  public func commit(files: [FileRecord]) throws {
    do {
      try seal(files: files)
      try Self.checkPlace(destination)
      if fileKind(destination) == .directory {
        try moveOldAside()
      }
      try moveIntoPlace()
    } catch {
      abandon()
      throw error
    }
    try synchronizeDirectory(parent(of: destination))
    try removeOld()
  }

  /// First step of a commit: sizes compared, manifest written, directory flushed.
  package func seal(files: [FileRecord]) throws {
    let manifest = Manifest(files: files)
    try manifest.checkSizes(in: temporary)
    let file = try OutputFile(path: "\(temporary)/\(Manifest.fileName)")
    try file.write(manifest.json.text(pretty: true) + "\n")
    try file.synchronize()
    try file.close()
    try synchronizeDirectory(temporary)
  }

  /// Second step: what stands at the place goes aside.
  package func moveOldAside() throws {
    try removeTree(aside)
    try renameEntry(destination, to: aside)
  }

  /// Third step: the new directory goes to the place; if that fails, the old one goes back.
  package func moveIntoPlace() throws {
    do {
      try renameEntry(temporary, to: destination)
    } catch {
      if fileKind(aside) == .directory { try renameEntry(aside, to: destination) }
      throw error
    }
  }

  /// Last step: the old directory goes, but files in it that are not the program's stay.
  package func removeOld() throws {
    guard fileKind(aside) == .directory else { return }
    if let manifest = try? Manifest(directory: aside) {
      let own = Set(manifest.files.map { ExactName($0.name) } + [ExactName(Manifest.fileName)])
      for name in try entries(of: aside) where !own.contains(ExactName(name)) {
        let place = "\(destination)/\(name)"
        if fileKind(place) == nil { try renameEntry("\(aside)/\(name)", to: place) }
      }
    }
    try removeTree(aside)
  }

  /// Gives the directory up and removes what was written.
  public func abandon() {
    try? removeTree(temporary)
  }

  /// Mends what a run that was killed left of a directory at `destination`: puts an old one back
  /// if the new one did not arrive, removes it if it did, removes what was half written. Only
  /// while nobody writes. Throws `FileError`.
  public static func recover(_ destination: String) throws {
    let pending = PendingDirectory(joining: destination)
    if fileKind(pending.aside) == .directory {
      if fileKind(destination) == nil {
        try renameEntry(pending.aside, to: destination)
      } else {
        try pending.removeOld()
      }
    }
    try removeTree(pending.temporary)
  }
}
