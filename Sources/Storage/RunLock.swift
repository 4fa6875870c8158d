// One process at a time in a directory.
//
// The kernel's lock (flock) decides first. It goes with its process, however that ends, and NFS and
// most cluster file systems pass it on to all machines. Some are mounted so that they do not, or
// know no locks at all. Therefore the owner also rewrites the lock's file every few seconds. A
// process that finds the file of another machine's owner watches it for a while: what does not
// change belongs to a process that has ended.

import Foundation
import Memory

/// A lock that this process holds until `release`, or until it ends.
public final class RunLock {
  private let place: LockPlace
  private let descriptor: Int32
  private let beating: Thread

  /// Locks a directory, which is made if it is missing. Throws `StorageError` of kind occupied that
  /// names the owner if another process holds the lock, and `FileError`.
  /// - Parameters:
  ///   - host: this machine's name, for messages to others.
  ///   - beat: how often the file is rewritten.
  ///   - note: tells the user why the start takes long.
  public convenience init(
    directory: String, host: String, beat: Duration = .seconds(4), note: (String) -> Void
  ) throws {
    let isNew = fileKind(directory) == nil
    try makeDirectories(directory)
    do {
      try self.init(
        LockPlace(path: "\(directory)/.lock", of: directory, made: isNew ? directory : nil),
        LockOwner(host: host), beat, note)
    } catch let error as FileError {
      throw FileError(path: directory, operation: "write into", code: error.code)
    }
  }

  /// Locks the place of a directory or file that is about to be written.
  public convenience init(place: String, host: String, note: (String) -> Void) throws {
    let path = sibling(".lock-\(lastComponent(of: place))", of: place)
    try self.init(
      LockPlace(path: path, of: place, made: nil), LockOwner(host: host), .seconds(4), note)
  }

  private init(
    _ place: LockPlace, _ owner: LockOwner, _ beat: Duration, _ note: (String) -> Void
  ) throws {
    let descriptor = try Self.acquire(place, owner, beat, note)
    (self.descriptor, self.place) = (descriptor, place)
    beating = Thread {
      var owner = owner
      while !Thread.current.isCancelled {
        Thread.sleep(forTimeInterval: beat / .seconds(1))
        if Thread.current.isCancelled { break }
        owner.beats += 1
        owner.write(to: descriptor)
      }
      close(descriptor)
    }
    beating.start()
  }

  /// Gives the directory free, and removes one that was made for the lock and is still empty.
  public func release() {
    unlink(place.path)
    flock(descriptor, LOCK_UN)
    beating.cancel()
    if let made = place.made { rmdir(made) }
  }

  /// The open file of a lock that is this process's from now on.
  private static func acquire(
    _ place: LockPlace, _ owner: LockOwner, _ beat: Duration, _ note: (String) -> Void
  ) throws -> Int32 {
    while true {
      let descriptor = open(place.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else { throw systemError(place.path, "lock") }
      do {
        let isLocked = flock(descriptor, LOCK_EX | LOCK_NB) == 0
        if !isLocked, errno == EWOULDBLOCK { throw place.held }
        // The owner before may have removed the file between the two calls.
        guard FileIdentity(descriptor: descriptor) == FileIdentity(place.path) else {
          close(descriptor)
          continue
        }
        let found = LockOwner.text(of: place.path)
        if !found.isEmpty, owner.mayLive(found, isLocked: isLocked) {
          note(
            "\(place.of): waiting to see whether its last run is still at work on another machine")
          if place.changes(from: found, within: beat * 4) { throw place.held }
        }
        owner.write(to: descriptor)
        // Without the kernel's lock another process may have written at the same moment.
        if !isLocked, place.changes(from: owner.text, within: beat / 2) { throw place.held }
        return descriptor
      } catch {
        close(descriptor)
        throw error
      }
    }
  }
}

/// Where a lock's file lies.
private struct LockPlace {
  let path: String
  /// What is locked.
  let of: String
  /// The directory of the lock if it was made for it.
  let made: String?

  /// Looks whether the file's text becomes another one in that time.
  func changes(from text: String, within time: Duration) -> Bool {
    let end = ContinuousClock.now + time
    repeat {
      // Opened again each time: a network file system looks at the server then.
      if LockOwner.text(of: path) != text { return true }
      Thread.sleep(forTimeInterval: min(0.5, time / .seconds(4)))
    } while ContinuousClock.now < end
    return false
  }

  /// The error that names the owner.
  var held: StorageError {
    let owner = LockOwner(text: LockOwner.text(of: path)).map {
      "process \($0.process) on \($0.host), since \($0.since)"
    }
    return StorageError(
      .occupied, of,
      "another run is at work here (\(owner ?? "it does not yet say which")); wait for its end, or "
        + "choose another directory")
  }
}

/// Who holds a lock, as its file says.
private struct LockOwner {
  let process: Int
  let host: String
  let since: String
  /// When the machine was started, which tells its processes from those of the same numbers before.
  private let boot: String
  /// When the process was, in the kernel's ticks.
  private let start: String
  /// How often the file was rewritten.
  var beats = 0

  /// This process.
  init(host: String) {
    (process, self.host) = (Int(getpid()), host)
    since = ISO8601DateFormatter().string(from: Date())
    (boot, start) = (Self.bootIdentifier, Self.start(of: Int(getpid())))
  }

  init?(text: String) {
    guard let json = try? JSONValue(parsing: Array(text.utf8)),
      let process = json["process"]?.integer, let host = json["host"]?.string,
      let since = json["since"]?.string, let boot = json["boot"]?.string,
      let start = json["start"]?.string
    else { return nil }
    (self.process, self.host, self.since) = (process, host, since)
    (self.boot, self.start) = (boot, start)
  }

  /// What stands in a lock's file; empty if nothing does.
  static func text(of path: String) -> String {
    (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
  }

  /// As long each time, so that rewriting it needs no space on a full disk.
  var text: String {
    let json: JSONValue = [
      "process": .integer(process), "host": .string(host), "since": .string(since),
      "boot": .string(boot), "start": .string(start), "beats": .integer(beats),
    ]
    return json.text().padding(toLength: 512, withPad: " ", startingAt: 0)
  }

  /// Failures cost messages their name and nothing else.
  func write(to descriptor: Int32) {
    let bytes = Array(text.utf8)
    _ = pwrite(descriptor, bytes, bytes.count, 0)
  }

  /// Whether the owner that `text` names may still be at work.
  /// - Parameter isLocked: whether this process has the kernel's lock.
  func mayLive(_ text: String, isLocked: Bool) -> Bool {
    guard let other = LockOwner(text: text), other.boot == boot else { return true }
    // On this very machine: its kernel knows.
    return !isLocked && other.start == Self.start(of: other.process)
  }

  private static let bootIdentifier =
    (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8))?
    .trimmingCharacters(in: .whitespacesAndNewlines) ?? ""

  /// The 22nd field of the process's line in /proc; behind the name, which may hold anything.
  private static func start(of process: Int) -> String {
    let line = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
    let fields = line.split(separator: ")").last?.split(separator: " ") ?? []
    return fields.count > 19 ? String(fields[19]) : ""
  }
}
