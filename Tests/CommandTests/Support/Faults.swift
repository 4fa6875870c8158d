// Faults of the system, by a library that is loaded in front of the program (Tests/FaultShim).

import Foundation

/// A system call that goes wrong.
struct Fault {
  /// What happens instead of the call.
  enum Effect {
    /// It fails with a number of errno, and so do all later ones.
    case error(Int32)
    /// Once, the process sends itself a signal before the call.
    case signal(Signal)
    /// Once, the file becomes empty before the call.
    case shortensFile
    /// Once, the marker is altered wherever it is in memory before the call.
    case altersMarker
  }

  enum Signal: String {
    case kill
    case interrupt
    case stop
  }

  let text: String

  /// - Parameters:
  ///   - call: open, read, write, fsync, rename, map, or pages (memory).
  ///   - path: a part of the file's path.
  ///   - from: the first such call that goes wrong, from 1.
  ///   - after: a part of a path; calls go wrong only once any call has had such a path.
  init(
    _ call: String, _ path: String = "", from: Int = 1, after: String? = nil, _ effect: Effect
  ) {
    let word =
      switch effect {
      case .error(let number): "\(number)"
      case .signal(let signal): signal.rawValue
      case .altersMarker: "alter"
      case .shortensFile: "shorten"
      }
    text = "\(call)|\(path)|\(after ?? "\(from)")|\(word)"
  }

  /// Whether the library has been built, which is so on Linux.
  static let areAvailable = FileManager.default.fileExists(atPath: library)

  private static let library = Program.path.replacing("ddp-train", with: "libfault-shim.so")

  /// A prelude that lets the faults meet the program, on one rank or on all.
  /// - Parameter timer: microseconds between two ticks of a timer that sends SIGALRM; nil has none.
  static func prelude(
    _ faults: [Fault], rank: Int? = nil, clockJumps: Bool = false, timer: Int? = nil
  ) -> String {
    let condition = rank.map { "[ $OMPI_COMM_WORLD_RANK = \($0) ]" } ?? "true"
    let rules = faults.map(\.text).joined(separator: ",")
    let clock = clockJumps ? " FAULT_CLOCK=1" : ""
    let ticks = timer.map { " FAULT_TIMER=\($0)" } ?? ""
    let variables = "LD_PRELOAD='\(library)' FAULTS='\(rules)'\(clock)\(ticks)"
    return "if \(condition); then export \(variables); fi"
  }
}
