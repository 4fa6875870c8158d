import ArgumentParser
import Tools

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains as the configuration says.",
    discussion: """
      Start it under mpirun to use several ranks; their number must divide training.microbatches, \
      and does not change the result. Everything is written to the configuration's output_dir.
      """)

  @OptionGroup var source: ConfigurationArguments

  @Flag(help: "Go on from the newest valid checkpoint in output_dir; start fresh if there is none.")
  var resume = false

  @Flag(help: "Start anew in an output_dir that already holds a run. The old run is removed.")
  var overwrite = false

  @Flag(help: "Read the configuration and the data, print the plan, and stop.")
  var dryRun = false

  @OptionGroup var verbosity: VerbosityArguments

  func validate() throws {
    if resume, overwrite {
      throw ValidationError("--resume and --overwrite exclude each other; give one of the two.")
    }
  }

  func run() throws {
    try runTraining(
      TrainOptions(
        configuration: source.config, overrides: source.overrides,
        existingRun: resume ? .resume : overwrite ? .overwrite : .refuse, dryRun: dryRun,
        verbosity: verbosity.value))
  }
}
