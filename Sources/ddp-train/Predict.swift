import ArgumentParser
import Tools

struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Writes the labels that a saved model gives each row.",
    discussion: """
      One JSON line an input row, in the order of the input: {"id", "labels": [{"label", "score", \
      "probability"}]}; or CSV, where the output's name ends in .csv or --format says so. A label is \
      given where its score reaches the threshold that was tuned with the model. The probability is \
      calibrated: of labels with 0.8, four in five hold.
      """)

  @Option(help: ArgumentHelp("The model's directory, such as runs/…/best.", valueName: "directory"))
  var model: String

  @Option(
    help: ArgumentHelp(
      "The rows, JSON Lines or CSV. Labels in them are passed over.", valueName: "file"))
  var input: String

  @Option(help: ArgumentHelp("The file to write, JSON Lines or CSV.", valueName: "file"))
  var output: String

  @Option(
    help: ArgumentHelp(
      "jsonl; wide: CSV with a column for each label; long: CSV with a line for each label given; "
        + "raw: the logits alone, as single precision numbers. "
        + "(default: wide for a name that ends in .csv, else jsonl)", valueName: "format"))
  var format: PredictionFormat?

  @Flag(help: "Scores in the columns of the labels, in place of 0 and 1.")
  var scores = false

  @Flag(help: "Calibrated probabilities in the columns of the labels, in place of 0 and 1.")
  var probabilities = false

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

  @Flag(
    help:
      "Add \"logits\" to each JSON line: all of them, in label order. In columns they stand in place of 0 and 1."
  )
  var logits = false

  @Flag(
    help: ArgumentHelp(
      "Answer the rows of a pipe while it stays open: JSON Lines, of which an empty line asks for the "
        + "answers. For one process; ids may occur twice."))
  var stream = false

  @OptionGroup var columns: ColumnArguments

  private var chosenFormat: PredictionFormat { format ?? PredictionFormat(ofFile: output) }

  func validate() throws {
    if explain != nil, chosenFormat != .jsonl {
      throw ValidationError("--explain: needs --format jsonl; others have no place for reasons.")
    }
    if logits, chosenFormat == .long {
      throw ValidationError(
        "--logits: needs --format jsonl or wide; long has labels that are given.")
    }
    for (name, isSet) in [("--scores", scores), ("--probabilities", probabilities)]
    where isSet && (chosenFormat != .wide || logits) {
      throw ValidationError("\(name): is for --format wide without --logits.")
    }
    if scores, probabilities {
      throw ValidationError("--scores and --probabilities exclude each other; give one of the two.")
    }
    if logits, chosenFormat == .raw {
      throw ValidationError("--logits: raw has nothing else; leave the option out.")
    }
    if stream, explain != nil {
      throw ValidationError("--explain: leave --stream out; reasons are given for whole files.")
    }
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
    options.format = chosenFormat
    options.cell = probabilities ? .probability : scores ? .score : .decision
    options.topK = topK
    options.threshold = threshold
    options.reasons = explain
    options.logits = logits
    options.answersAtOnce = stream
    options.columns = columns.columns
    try runPrediction(options)
  }
}

extension PredictionFormat: ExpressibleByArgument {}
