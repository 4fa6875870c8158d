import ArgumentParser
import Configuration
import Tools

struct Schema: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Prints the JSON Schema of the configuration.",
    discussion: """
      Editors that know the schema complete keys, show what they mean and mark mistakes: write it to \
      a file, and name that in the configuration as "$schema".
      """)

  func run() { print(Configuration.jsonSchema.text(pretty: true)) }
}
