import ArgumentParser
import Reporting

/// How much a command says on its way.
struct VerbosityArguments: ParsableArguments {
  @Flag(
    name: [.short, .long], help: "Say all that is known before training, and every logging step.")
  var verbose = false

  @Flag(name: [.short, .long], help: "Say warnings and what came out, nothing else.")
  var quiet = false

  func validate() throws {
    if verbose, quiet {
      throw ValidationError("--verbose and --quiet exclude each other; give one of the two.")
    }
  }

  var value: Verbosity { quiet ? .quiet : verbose ? .verbose : .normal }
}
