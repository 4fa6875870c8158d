import ArgumentParser
import Configuration
import Tools

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Computes the metrics of a saved model on labeled rows.")

  @Option(help: ArgumentHelp("The model's directory, such as runs/…/best.", valueName: "directory"))
  var model: String

  @Option(help: ArgumentHelp("The labeled rows, JSON Lines or CSV.", valueName: "file"))
  var data: String

  @Option(help: ArgumentHelp("Write the metrics to this JSON file too.", valueName: "file"))
  var output: String?

  @Option(
    help: ArgumentHelp("Write the figures of each label to this CSV file.", valueName: "file"))
  var labels: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "The k of precision, recall and nDCG at k, such as 1 3 5. (default: the training's)",
      valueName: "k"))
  var topK: [Int] = []

  @Option(
    help: ArgumentHelp(
      "Resamples of the rows for the 95 % intervals of F1; 0 for none.", valueName: "count"))
  var bootstrapSamples = EvaluationSettings().bootstrapSamples

  @OptionGroup var columns: ColumnArguments

  func validate() throws {
    guard topK.allSatisfy((1...100_000).contains), Set(topK).count == topK.count else {
      throw ValidationError(
        "--top-k: wanted different whole numbers from 1 to 100000, found \(topK).")
    }
    guard (0...10_000).contains(bootstrapSamples) else {
      throw ValidationError(
        "--bootstrap-samples: wanted a whole number from 0 to 10000, found \(bootstrapSamples).")
    }
  }

  func run() throws {
    var options = EvaluateOptions(model: model, data: data)
    options.output = output
    options.labels = labels
    options.topK = topK
    options.bootstrapSamples = bootstrapSamples
    options.columns = columns.columns
    try runEvaluation(options)
  }
}
