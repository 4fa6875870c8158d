import ArgumentParser
import Training

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Computes the metrics of a saved model on labeled rows.")

  @Option(help: ArgumentHelp("The model's directory, such as runs/…/best.", valueName: "directory"))
  var model: String

  @Option(help: ArgumentHelp("The labeled rows, JSON Lines or CSV.", valueName: "file"))
  var data: String

  @Option(help: ArgumentHelp("Write the metrics to this JSON file too.", valueName: "file"))
  var output: String?

  @OptionGroup var columns: ColumnArguments

  func run() throws {
    try runEvaluation(
      EvaluateOptions(model: model, data: data, output: output, columns: columns.columns))
  }
}
