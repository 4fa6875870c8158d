import ArgumentParser
import Foundation
import Reporting

/// Runs one command line, and prints what is to be printed about it once, however many ranks
/// `mpirun` has started with it.
struct CommandRunner {
  let arguments: [String]
  private let rank = LaunchRank.current

  init(arguments: [String]) {
    self.arguments = arguments
  }

  /// Parses and runs. Gives the exit code of the process.
  func run() -> Reporting.ExitCode {
    do {
      try FirstArgument.check(arguments.first)
      if rank == 0, let old = arguments.first, let name = DDPTrain.renamedCommands[old] {
        let note = "\(Program.name): note: the command \(old) is now \(name)\n"
        FileHandle.standardError.write(Data(note.utf8))
      }
      var command = try parse()
      try command.run()
      return .done
    } catch  where isHelp(error) {
      if rank == 0 { print(DDPTrain.fullMessage(for: error)) }
      return .done
    } catch {
      let failure = Failure(error)
      report(failure)
      return failure.exitCode
    }
  }

  private func parse() throws -> any ParsableCommand {
    do {
      return try DDPTrain.parseAsRoot(arguments)
    } catch  where !isHelp(error) {
      throw Failure(.usage, "\(DDPTrain.message(for: error))\n\(usage(for: error))")
    }
  }

  /// The lines that show how the command is used, which end the parser's message. Of a command
  /// without its arguments the parser shows all help instead, which would bury the message.
  private func usage(for error: any Error) -> String {
    let lines = DDPTrain.fullMessage(for: error).split(separator: "\n")
    guard let start = lines.firstIndex(where: { $0.hasPrefix("Usage:") }) else {
      return "  See '\(Program.name) --help' for more information."
    }
    return lines[start...].joined(separator: "\n")
  }

  /// Whether the "error" is a request for help or the version.
  private func isHelp(_ error: any Error) -> Bool {
    DDPTrain.exitCode(for: error) == .success
  }

  private func report(_ failure: Failure) {
    switch failure.extent {
    case .everyRank where rank == 0, .oneRank:
      FileHandle.standardError.write(Data("\(Program.name): error: \(failure)\n".utf8))
    case .everyRank:
      // mpirun ends all ranks as soon as one ends with an error: rank 0 must come to print first.
      Thread.sleep(forTimeInterval: 1)
    case .reported: break
    }
  }
}

/// The rank of this process as the launcher announces it, before MPI is initialized.
enum LaunchRank {
  /// 0 without a launcher.
  static var current: Int {
    let environment = ProcessInfo.processInfo.environment
    // Open MPI's own, then those of the interfaces through which Slurm starts processes.
    let names = ["OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"]
    return names.lazy.compactMap { environment[$0].flatMap(Int.init) }.first ?? 0
  }
}
