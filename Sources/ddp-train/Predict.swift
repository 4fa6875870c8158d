import ArgumentParser
import Tools

struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Writes the labels that a saved model gives each row.",
    discussion: """
      One JSON line an input row, in the order of the input: {"id", "labels": [{"label", "score"}]}. \
      A label is given where its probability reaches the threshold that was tuned with the model.
      """)

  @Option(help: ArgumentHelp("The model's directory, such as runs/…/best.", valueName: "directory"))
  var model: String

  @Option(
    help: ArgumentHelp(
      "The rows, JSON Lines or CSV. Labels in them are passed over.", valueName: "file"))
  var input: String

  @Option(help: ArgumentHelp("The JSON Lines file to write.", valueName: "file"))
  var output: String

  @Option(
    help: ArgumentHelp(
      "Give each row its K most probable labels, whatever the model's thresholds say.",
      valueName: "K"))
  var topK: Int?

  @Option(
    help: ArgumentHelp(
      "Give the labels from this probability on, in place of the model's own thresholds.",
      valueName: "X"))
  var threshold: Double?

  @Option(
    help: ArgumentHelp(
      "Name with each label the K words or phrases that speak most for it, and what each adds to the "
        + "logit: of models with a linear part (model.type \"linear\", or model.tfidf) or with "
        + "label attention (model.pooling \"label_attention\").",
      valueName: "K"))
  var explain: Int?

  @Flag(help: "Add \"logits\" to each line: all of them, in label order.")
  var logits = false

  @OptionGroup var columns: ColumnArguments

  func validate() throws {
    if let topK, !(1...100_000).contains(topK) {
      throw ValidationError("--top-k: wanted a whole number from 1 to 100000, found \(topK).")
    }
    if let explain, explain < 1 {
      throw ValidationError("--explain: wanted a whole number of at least 1, found \(explain).")
    }
    if let threshold, !(0...1).contains(threshold) {
      throw ValidationError("--threshold: wanted a probability from 0 to 1, found \(threshold).")
    }
  }

  func run() throws {
    var options = PredictOptions(model: model, input: input, output: output)
    options.topK = topK
    options.threshold = threshold
    options.reasons = explain
    options.logits = logits
    options.columns = columns.columns
    try runPrediction(options)
  }
}
