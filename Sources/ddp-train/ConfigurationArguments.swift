import ArgumentParser

/// The configuration, as the commands that need one take it.
struct ConfigurationArguments: ParsableArguments {
  @Argument(
    help: "The configuration, a JSON file.", completion: .file(extensions: ["json"]))
  var config: String

  @Option(
    name: .customLong("set"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Overrides one key of the configuration, such as training.learning_rate=1e-4. Repeatable. "
        + "The value is JSON; a bare word is a string.",
      valueName: "key.path=value"))
  var overrides: [String] = []
}
