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

  @Flag(inversion: .prefixedNo, help: "Give F1 95 % confidence intervals.")
  var confidenceIntervals = true

  // What version 0.1 had: a number of resamples, 0 for no intervals.
  @Option(help: .hidden) var bootstrapSamples: Int?

  @OptionGroup var columns: ColumnArguments

  func validate() throws {
    guard topK.allSatisfy((1...100_000).contains), Set(topK).count == topK.count else {
      throw ValidationError(
        "--top-k: wanted different whole numbers from 1 to 100000, found \(topK).")
    }
  }

  func run() throws {
    var options = EvaluateOptions(model: model, data: data)
    options.output = output
    options.labels = labels
    options.topK = topK
    options.confidenceIntervals = confidenceIntervals && bootstrapSamples != 0
    options.columns = columns.columns
    try runEvaluation(options)
  }
}
