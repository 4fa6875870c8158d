// A rank as the others know it: its number, its process, its machine.

import Foundation

/// A rank as messages name it.
struct Member: CustomStringConvertible, Sendable {
  let rank: Int
  let process: Int32
  let host: String
  /// The space of process numbers, of which a machine has several where it runs containers.
  let processNamespace: String

  init(rank: Int, process: Int32, place: String) {
    let parts = place.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
    (self.rank, self.process) = (rank, process)
    (host, processNamespace) = (String(parts[0]), String(parts.last ?? ""))
  }

  /// Where this process runs, as `init` reads it.
  static func place(host: String) -> String {
    let link = "/proc/self/ns/pid"
    return host + "\n" + ((try? FileManager.default.destinationOfSymbolicLink(atPath: link)) ?? "")
  }

  var description: String { "rank \(rank) (process \(process) on \(host))" }

  /// Whether the system that knows this rank's processes knows the other's.
  func isBeside(_ other: Member) -> Bool {
    host == other.host && processNamespace == other.processNamespace
  }

  /// Whether the process is there. Means something for ranks that are beside this one only.
  var isAlive: Bool { kill(process, 0) == 0 || errno != ESRCH }
}

/// What a rank writes when others have died.
struct DeathNotice: Sendable {
  /// The whole line, of a statement such as "rank 2 (process 7 on node3) has died".
  let line: @Sendable (String) -> String

  /// Says of members, which are not none, that they have died.
  func write(_ dead: [Member]) {
    let statement =
      dead.map(\.description).joined(separator: ", ") + (dead.count == 1 ? " has" : " have")
      + " died"
    FileHandle.standardError.write(Data(line(statement).utf8))
  }
}

/// The status of a rank that ends because another has died: that of a process that was killed, so
/// that a launcher's status is the same, whichever of them it sees first.
let statusOfKilled: Int32 = 128 + SIGKILL
