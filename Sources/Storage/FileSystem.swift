// The few calls on directories that saving needs, each an error with its path if the system
// refuses, none of them following a symbolic link at the end of its path.

import Foundation
import Memory

/// What stands at a path.
package enum FileKind: Equatable {
  case file(byteCount: Int)
  case directory
  case symbolicLink
  case other
}

/// What stands at a path, symbolic links not followed; nil if nothing can be seen.
package func fileKind(_ path: String) -> FileKind? {
  var status = stat()
  guard lstat(path, &status) == 0 else { return nil }
  switch status.st_mode & S_IFMT {
  case S_IFREG: return .file(byteCount: Int(status.st_size))
  case S_IFDIR: return .directory
  case S_IFLNK: return .symbolicLink
  default: return .other
  }
}

/// What stands at the end of a path, symbolic links followed, and how one tells it from all else.
package struct FileIdentity: Hashable {
  private let device: UInt64
  private let number: UInt64
  /// The type and permissions of the file.
  package let mode: mode_t

  /// nil if nothing can be seen.
  package init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  /// Of an open file; nil if there is none.
  init?(descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    self.init(status)
  }

  private init(_ status: stat) {
    device = UInt64(status.st_dev)
    number = UInt64(status.st_ino)
    mode = status.st_mode
  }

  /// Whether bytes pass through and are not kept: a pipe, a socket, a terminal, a device.
  package var isStream: Bool { mode & S_IFMT != S_IFREG && mode & S_IFMT != S_IFDIR }
}

/// The existing file that is written when a path is: through links, and through standard output.
/// nil for streams, and for a file that does not exist yet.
package func writtenFile(_ path: String) -> FileIdentity? {
  guard let place = try? OutputPlace(path) else { return FileIdentity(path) }
  let identity =
    switch place {
    case .descriptor(let number): FileIdentity(descriptor: number)
    case .stream: nil as FileIdentity?
    case .file(let path): FileIdentity(path)
    }
  return identity?.isStream == false ? identity : nil
}

/// Whether what is written to a path goes to standard output.
package func goesToStandardOutput(_ path: String) -> Bool {
  if case .descriptor(1)? = try? OutputPlace(path) { return true }
  return false
}

/// Whether a path names what is read once, from beginning to end: "-" for standard input, a pipe, a
/// device, an open descriptor such as /dev/stdin.
package func isStream(_ path: String) -> Bool {
  path == "-" || path == "/dev/stdin" || OutputPlace.descriptor(named: path) != nil
    || FileIdentity(path)?.isStream == true
}

/// The names in a directory, sorted. Throws `FileError`.
package func entries(of path: String) throws -> [String] {
  do {
    return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
  } catch {
    throw fileError(path, "list", from: error)
  }
}

/// Makes a directory, whose parent exists. Throws `FileError`.
package func makeDirectory(_ path: String) throws {
  guard mkdir(path, 0o755) == 0 else { throw systemError(path, "create") }
}

/// Makes a directory and those above it that are missing, flushed. Throws `FileError`.
package func makeDirectories(_ path: String) throws {
  var status = stat()
  if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return }
  let above = parent(of: path)
  if above != path { try makeDirectories(above) }
  guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw systemError(path, "create") }
  guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
    throw FileError(path: path, operation: "create", code: ENOTDIR)
  }
  try synchronizeDirectory(above)
}

/// Renames within a file system; a file or an empty directory at `target` is replaced in one step.
package func renameEntry(_ path: String, to target: String) throws {
  guard rename(path, target) == 0 else { throw systemError(path, "rename to \(target)") }
}

/// Removes a file, a symbolic link, or a directory with all that is in it; nothing there is fine.
package func removeTree(_ path: String) throws {
  guard let kind = fileKind(path) else { return }
  if kind == .directory {
    for name in try entries(of: path) { try removeTree("\(path)/\(name)") }
  }
  guard (kind == .directory ? rmdir(path) : unlink(path)) == 0 || errno == ENOENT else {
    throw systemError(path, "remove")
  }
}

/// The system's last error as a `FileError`.
func systemError(_ path: String, _ operation: String) -> FileError {
  FileError(path: path, operation: operation, code: errno)
}

/// The system error that a Foundation error carries; an input/output error if it carries none.
func fileError(_ path: String, _ operation: String, from error: any Error) -> FileError {
  let outer = error as NSError
  let inner = outer.userInfo[NSUnderlyingErrorKey] as? NSError
  let code = [inner, outer].compactMap { $0 }.first { $0.domain == NSPOSIXErrorDomain }?.code
  return FileError(path: path, operation: operation, code: code.map(Int32.init) ?? EIO)
}

/// Whether a name from a file is a single component that may be joined to a directory: no "/", no
/// "." or "..", no character code 0.
package func isPlainName(_ name: String) -> Bool {
  !name.isEmpty && name != "." && name != ".." && !name.utf8.contains { $0 == 0x2F || $0 == 0 }
}

/// The directory in which an entry stands.
package func parent(of path: String) -> String {
  let trimmed = trimmingSlashes(path)
  guard let slash = trimmed.lastIndex(of: "/") else { return trimmed == "/" ? "/" : "." }
  return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
}

/// The last component of a path.
package func lastComponent(of path: String) -> String {
  let trimmed = trimmingSlashes(path)
  guard trimmed != "/", let slash = trimmed.lastIndex(of: "/") else { return trimmed }
  return String(trimmed[trimmed.index(after: slash)...])
}

/// The path of another entry of the same directory.
package func sibling(_ name: String, of path: String) -> String {
  let directory = parent(of: path)
  return directory == "/" ? "/\(name)" : "\(directory)/\(name)"
}

private func trimmingSlashes(_ path: String) -> String {
  var path = path[...]
  while path.count > 1, path.last == "/" { path = path.dropLast() }
  return String(path)
}
