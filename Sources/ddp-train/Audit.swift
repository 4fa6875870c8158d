import ArgumentParser
import Tools

struct Audit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Says what is worth knowing of labeled rows before training, without a config.",
    discussion: """
      What the columns are taken for; labels by frequency; labels that cannot be learned or tested; \
      rows without labels, equal texts, and rows that contradict one another; how many texts an \
      encoder would cut. Nothing is trained.
      """)

  @OptionGroup var rows: LabeledRowsArguments

  @Option(help: ArgumentHelp("A JSON file for what is found.", valueName: "file"))
  var output: String?

  func run() throws {
    var options = AuditOptions(rows.options)
    options.output = output
    try runAudit(options)
  }
}
