import ArgumentParser
import Reporting
import Tools

/// The root of the command line.
struct DDPTrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: Program.name,
    abstract: "Fine-tunes a BERT for many sparse labels, on as many ranks as mpirun starts.",
    usage: """
      mpirun -n 4 ddp-train config.json
      ddp-train <command> …
      """,
    discussion: """
      train is the default command. fit, train, sweep, evaluate, predict, compare, ensemble and \
      thresholds share their work among the ranks when they are started under mpirun, and give the \
      same bits on any number of ranks that is allowed.

      Exit codes: 0 done; 64 wrong command line; 65 bad data; 66 an input file is missing; 70 a \
      fault of the program; 71 an MPI or system failure; 74 reading or writing failed; 75 stopped \
      by a signal after saving a checkpoint; 76 training diverged; 78 bad configuration.
      """,
    version: "\(Program.name) \(Program.version)",
    subcommands: [
      Fit.self, Audit.self, Train.self, Sweep.self, Evaluate.self, Predict.self, Compare.self,
      WriteReport.self,
      Ensemble.self, Thresholds.self, Tokenize.self,
      Doctor.self, Schema.self, Ranks.self,
    ],
    defaultSubcommand: Train.self)

  /// What commands of version 0.1 are called now.
  static let renamedCommands = ["join": "ensemble"]

  /// The words that can stand first.
  static var commandNames: [String] {
    configuration.subcommands.flatMap {
      [$0.configuration.commandName].compactMap { $0 } + $0.configuration.aliases
    } + ["help"]
  }
}
