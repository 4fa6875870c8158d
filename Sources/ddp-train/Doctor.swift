import ArgumentParser
import Tools

struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Examines the machine, and says what is misconfigured and how to repair it.",
    discussion: """
      Start it as training will be started, under the same mpirun line: it shows MPI, ranks, cores \
      and their binding, the libraries of matrix products and their threads, the vector unit, and \
      measured rates.
      """,
    aliases: ["env"])

  func run() throws {
    try runDoctor()
  }
}
