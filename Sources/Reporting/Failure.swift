/// The exit codes of `ddp-train`. They follow BSD's `sysexits.h` if it has a code for the case;
/// 75 and 76 are the program's own reading of "try again" and "the run cannot go on".
public enum ExitCode: Int32, Sendable, CaseIterable {
  /// All was done.
  case done = 0
  /// The command line is wrong.
  case usage = 64
  /// The data, or a file of a model, cannot be read as what it should be.
  case badData = 65
  /// An input file or directory does not exist.
  case missingInput = 66
  /// The program itself is wrong.
  case fault = 70
  /// MPI or the operating system refused something.
  case system = 71
  /// Reading or writing failed.
  case inputOutput = 74
  /// A signal ended the run after a checkpoint was saved.
  case stopped = 75
  /// The loss or a gradient became NaN or infinite.
  case diverged = 76
  /// The configuration is wrong, or does not fit the ranks or the data.
  case badConfiguration = 78
}

/// An error that knows its exit code. The error types of the other modules are given theirs by an
/// extension in this one, so that no module below has to know the program's exit codes.
public protocol ExitCoded: Error {
  /// The code with which the program ends when this error reaches the top.
  var exitCode: ExitCode { get }
}

/// What ends the program: a message for the user and an exit code.
public struct Failure: ExitCoded, CustomStringConvertible {
  /// Which ranks met the failure, and hence who prints it: one failure is one message.
  public enum Extent: Sendable, Equatable {
    /// All ranks meet it alike (a wrong command line, a wrong configuration): rank 0 prints it.
    case everyRank
    /// Only this rank met it: it prints the message itself, with its number.
    case oneRank(Int)
    /// Another rank has printed the message: this one ends silently.
    case reported
  }

  /// The code with which the program ends.
  public let exitCode: ExitCode
  /// What is wrong, where (file, line or key), and what to do; without the program's name.
  public let message: String
  /// Who prints the message.
  public let extent: Extent

  /// A failure that is met by all ranks unless `extent` says otherwise.
  public init(_ exitCode: ExitCode, _ message: String, extent: Extent = .everyRank) {
    self.exitCode = exitCode
    self.message = message
    self.extent = extent
  }

  /// Any error as a failure: one that is `ExitCoded` keeps its code, any other is a fault of the
  /// program, because every error that a user can cause has a code.
  public init(_ error: any Error, extent: Extent = .everyRank) {
    switch error {
    case let failure as Failure: self = failure
    case let coded as any ExitCoded: self.init(coded.exitCode, "\(coded)", extent: extent)
    default: self.init(.fault, "a fault of the program: \(error)", extent: extent)
    }
  }

  /// The message, as it stands after `ddp-train: error: `.
  public var description: String {
    switch extent {
    case .oneRank(let rank): "rank \(rank): \(message)"
    case .everyRank, .reported: message
    }
  }
}
