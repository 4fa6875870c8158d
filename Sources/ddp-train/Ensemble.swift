import ArgumentParser
import Tools

struct Ensemble: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ensemble",
    abstract: "Makes one model of a trained BERT and a trained linear model.",
    discussion: """
      The logits are the BERT's plus the linear model's times a number that is tuned for micro-F1 \
      on the validation rows, as the threshold is. Both must have been trained on the same labels.

        ddp-train ensemble runs/bert runs/linear --output runs/ensemble
      """,
    aliases: ["join"])

  @Argument(help: "The BERT: output directory of a run, or directory of a saved model.")
  var bert: String

  @Argument(help: "The linear model, likewise.")
  var linear: String

  @Option(help: ArgumentHelp("The directory to write.", valueName: "directory"))
  var output: String

  @Option(
    help: ArgumentHelp(
      "The labeled rows to tune on. (default: data.validation of the BERT's config)",
      valueName: "file"))
  var data: String?

  @Option(
    help: ArgumentHelp(
      "What the linear model's logits are multiplied by, in place of tuning it.", valueName: "X"))
  var scale: Double?

  @Option(
    help: ArgumentHelp(
      "What labels are decided by: one threshold tuned for all of them, or one for each.",
      valueName: "kind"))
  var threshold = EnsembleOptions.Threshold.global

  @OptionGroup var columns: ColumnArguments

  func validate() throws {
    if let scale, !(scale >= 0 && scale.isFinite) {
      throw ValidationError("--scale: wanted a number of at least 0, found \(scale).")
    }
  }

  func run() throws {
    var options = EnsembleOptions(bert: bert, linear: linear, output: output)
    options.data = data
    options.scale = scale
    options.threshold = threshold
    options.columns = columns.columns
    try runEnsemble(options)
  }
}

extension EnsembleOptions.Threshold: ExpressibleByArgument {}
