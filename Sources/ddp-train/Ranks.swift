import ArgumentParser
import Configuration

/// A help for launch scripts, which have to know the number of ranks before they can start them.
struct Ranks: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ranks",
    abstract: "Prints how many ranks can share a configuration's microbatches.",
    shouldDisplay: false)

  @OptionGroup var source: ConfigurationArguments

  @Option(help: ArgumentHelp("The number of ranks is at most this.", valueName: "N"))
  var cores: Int

  // Launch scripts pass on whatever their user gave for the training.
  @Flag(help: .hidden) var resume = false
  @Flag(help: .hidden) var overwrite = false
  @Flag(help: .hidden) var dryRun = false

  func validate() throws {
    if cores < 1 {
      throw ValidationError("--cores: wanted a whole number of at least 1, found \(cores).")
    }
  }

  func run() throws {
    let configuration = try Configuration(
      contentsOf: source.config, overrides: source.overrides)
    print(configuration.largestRankCount(cores: cores))
  }
}
