import ArgumentParser
import Tools

struct Tokenize: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize",
    abstract: "Turns lines of text into token ids.",
    discussion: """
      Reads standard input, one text a line, and writes one JSON array of token ids a line, with \
      [CLS] and [SEP].
      """)

  @Option(
    help: ArgumentHelp("The directory that holds the tokenizer's files.", valueName: "directory"))
  var model: String

  @Option(
    help: ArgumentHelp(
      "Most tokens of a line, [CLS] and [SEP] included. (default: no limit)",
      valueName: "N"))
  var maxLength: Int?

  func validate() throws {
    if let maxLength, maxLength < 2 {
      throw ValidationError(
        "--max-length: wanted at least 2, the room of [CLS] and [SEP], found \(maxLength).")
    }
  }

  func run() throws {
    try runTokenization(TokenizeOptions(model: model, maxLength: maxLength))
  }
}
