import Foundation
import Memory

/// Where the bytes go that are written to a path.
enum OutputPlace {
  /// To an open descriptor of this process: "-" is standard output.
  case descriptor(Int32)
  /// To a pipe, a terminal or a device, which keeps nothing.
  case stream
  /// To a file, which need not exist: `path` behind all symbolic links.
  case file(path: String)

  /// Throws `FileError` if links lead in a circle or a file may not be written, and
  /// `StorageError` of kind occupied if a directory stands at the place.
  init(_ path: String) throws {
    let identity = FileIdentity(path)
    if let number = Self.descriptor(named: path) {
      self = .descriptor(number)
    } else if let identity, identity.mode & S_IFMT == S_IFDIR {
      throw StorageError(.occupied, path, "a directory stands where a file is wanted")
    } else if let identity, identity.isStream {
      self = .stream
    } else if let identity, identity == FileIdentity(descriptor: 1) {
      // Standard output goes into this very file, where more of the process's output may follow.
      self = .descriptor(1)
    } else {
      guard identity == nil || access(path, W_OK) == 0 else { throw systemError(path, "write") }
      self = .file(path: try Self.followingLinks(path))
    }
  }

  /// The descriptor that a path names by its number, whatever file it belongs to.
  static func descriptor(named path: String) -> Int32? {
    switch path {
    case "-", "/dev/stdout": return 1
    case "/dev/stderr": return 2
    default:
      let prefix = ["/dev/fd/", "/proc/self/fd/"].first { path.hasPrefix($0) }
      return prefix.flatMap { Int32(path.dropFirst($0.count)) }
    }
  }

  private static func followingLinks(_ path: String) throws -> String {
    var path = path
    // The system's own limit.
    for _ in 0..<40 {
      guard fileKind(path) == .symbolicLink else { return path }
      do {
        let target = try FileManager.default.destinationOfSymbolicLink(atPath: path)
        path = target.hasPrefix("/") ? target : sibling(target, of: path)
      } catch {
        throw fileError(path, "follow", from: error)
      }
    }
    throw FileError(path: path, operation: "follow", code: ELOOP)
  }
}
