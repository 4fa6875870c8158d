// metrics.jsonl: one JSON object a line. NaN and infinities, which JSON lacks, are written as the
// strings "NaN", "Infinity" and "-Infinity": every reader of JSON accepts the line, and Python's
// float() turns the strings back into the numbers.

import Foundation
import Memory
import Storage

/// The log of a run, appended to line by line by rank 0.
///
/// A line that cannot be written is not lost: it waits in memory and goes out, in order, with the
/// next one. The file is opened for each line, since some file systems report a full quota only
/// when a file is closed.
public final class MetricsLog {
  /// The file.
  public let path: String
  private var waiting: [UInt8] = []

  /// The log in a file, which need not exist yet.
  public init(path: String) {
    self.path = path
  }

  /// Appends one line: the event's name, then its keys in their order.
  ///
  /// With `synchronize` the call waits until the disk has the line. Call it so for the line of a
  /// checkpoint, before the checkpoint is committed: then no checkpoint can outlive its lines.
  /// Throws `FileError`; the line then waits, and the run may go on.
  package func append<Event: RunEvent>(_ event: Event, synchronize: Bool = false) throws {
    var line: JSONObject = [Self.eventKey: .string(Event.name)]
    for (name, value) in event.object { line[name] = value }
    waiting += Array((JSONValue.object(line).text() + "\n").utf8)
    try flush(synchronize: synchronize)
  }

  /// Tries again to write the lines that wait. Throws `FileError`.
  public func flush(synchronize: Bool = false) throws {
    guard !waiting.isEmpty || synchronize else { return }
    let sizeBefore = size
    do {
      let file = try OutputFile(path: path, appending: true)
      try file.write(waiting)
      if synchronize { try file.synchronize() }
      try file.close()
    } catch {
      // A part of a line may have arrived; the whole of it will be written again.
      if let sizeBefore { _ = Foundation.truncate(path, off_t(sizeBefore)) }
      throw error
    }
    waiting.removeAll(keepingCapacity: true)
  }

  private var size: Int? {
    switch fileKind(path) {
    case .file(let byteCount): byteCount
    case nil: 0
    default: nil
    }
  }

  private static let eventKey = "event"

  /// The events of one kind, in order. Lines that are torn, or lack a key, are passed over; without
  /// the file there are none. Throws `FileError`.
  package func events<Event: RunEvent>(_ kind: Event.Type) throws -> [Event] {
    guard fileKind(path) != nil else { return [] }
    let bytes = try MappedFile(path: path).bytes.array
    // Lines are parsed only where they may be of this kind: a long log has many of others.
    let (anyKind, wanted) = (Self.beginning(""), Self.beginning("\(Event.name)\""))
    return bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
      guard !line.starts(with: anyKind) || line.starts(with: wanted),
        let object = try? JSONValue(parsing: line).object,
        object[Self.eventKey]?.string == Event.name
      else { return nil }
      return Event(object)
    }
  }

  /// How the program begins a line.
  private static func beginning(_ name: String) -> [UInt8] {
    Array("{\"\(eventKey)\": \"\(name)".utf8)
  }

  /// What `cut` found.
  public struct Cut: Sendable, Equatable {
    /// Lines that stay.
    public var kept = 0
    /// Lines that went because their step comes after the resumed one.
    public var dropped = 0
    /// Lines that went because they are no JSON objects: torn by a kill, or damaged.
    public var damaged = 0
  }

  /// Cuts the log back for a run that goes on after `step`: lines of later steps go, and so do torn
  /// lines and, whatever its step, the line of the end, which a run that goes on writes again.
  /// Lines without a step stay. The file is replaced as a whole. Throws `FileError`.
  public func cut(afterStep step: Int) throws -> Cut {
    guard fileKind(path) != nil else { return Cut() }
    var cut = Cut()
    var kept: [UInt8] = []
    let bytes = try MappedFile(path: path).bytes.array
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      guard line.endIndex < bytes.endIndex, let value = try? JSONValue(parsing: line),
        value.object != nil
      else {
        cut.damaged += 1
        continue
      }
      if let number = value["step"]?.number, number > Double(step) {
        cut.dropped += 1
      } else if value[Self.eventKey]?.string == EndEvent.name {
        cut.dropped += 1
      } else {
        cut.kept += 1
        kept += line + [UInt8(ascii: "\n")]
      }
    }
    if kept != bytes {
      let file = try PendingFile(path: path)
      try file.write(kept)
      try file.commit()
    }
    return cut
  }
}
