import ArgumentParser
import Tools

struct Sweep: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Trains variants of a configuration and compares them in one table.",
    discussion: """
      Each variant is an ordinary run in a directory of its own, on all ranks; data and tokenizer \
      are read once. Interrupted, the same command goes on. The best variant is chosen on the \
      validation rows; its configuration is written to best-config.json.

        ddp-train sweep config.json --vary training.classifier_learning_rate=1e-3,5e-3 \\
          --vary 'loss.pos_weight=none,3,{"scheme": "neg_pos", "max": 20}'
        ddp-train sweep config.json --vary training.learning_rate=log:1e-5..1e-3 --random 10
      """,
    aliases: ["tune"])

  @OptionGroup var source: ConfigurationArguments

  @Option(
    name: .customLong("vary"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "A key with its values, separated by commas, each as --set takes it; with --random also A..B "
        + "or log:A..B, from which numbers are drawn. Repeatable.",
      valueName: "key.path=value,…"))
  var variations: [String] = []

  @Option(
    help: ArgumentHelp("Run N variants drawn at random in place of all.", valueName: "N"))
  var random: Int?

  @Option(help: ArgumentHelp("The key of what --random draws.", valueName: "number"))
  var seed = 0

  @Option(
    help: ArgumentHelp(
      "The metric of the validation rows by which variants are compared.", valueName: "name"))
  var metric = SweepOptions.defaultMetric

  @Option(
    help: ArgumentHelp(
      "The sweep's directory. (default: the configuration's output_dir with -sweep at its end)",
      valueName: "directory"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Give up a variant that is worse than the median of those before it from its N-th evaluation "
        + "on.", valueName: "N"))
  var pruneAfter = 3

  @Flag(help: "Let every variant run to its end.")
  var noPrune = false

  @Flag(help: "Start anew in a directory that already holds a sweep. The old sweep is removed.")
  var overwrite = false

  @Flag(help: "Check every variant, print their names, and stop.")
  var dryRun = false

  func validate() throws {
    if variations.isEmpty {
      throw ValidationError("--vary is missing; say what to vary, as --vary training.seed=1,2,3.")
    }
    for (name, value) in [("random", random ?? 1), ("prune-after", pruneAfter)] where value < 1 {
      throw ValidationError("--\(name): wanted a whole number of at least 1, found \(value).")
    }
    if seed < 0 {
      throw ValidationError("--seed: wanted a whole number of at least 0, found \(seed).")
    }
  }

  func run() throws {
    var options = SweepOptions(configuration: source.config, variations: variations)
    options.overrides = source.overrides
    options.randomCount = random
    options.seed = seed
    options.metric = metric
    options.output = output
    options.pruneAfter = noPrune ? nil : pruneAfter
    options.overwrites = overwrite
    options.dryRun = dryRun
    try runSweep(options)
  }
}
