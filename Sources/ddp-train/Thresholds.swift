import ArgumentParser
import Configuration
import Objectives
import Tools

struct Thresholds: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "thresholds",
    abstract: "Lets a trained model decide otherwise, without training.",
    discussion: """
      Tunes on the validation rows of the run, writes best/thresholds.json, and brings results.json and \
      labels.csv up to date. predict and evaluate obey. Give one of the rules.

        ddp-train thresholds runs/first --per-label
      """)

  @Argument(
    help: ArgumentHelp(
      "Output directory of a run that has ended, or of a saved model.", valueName: "run"))
  var model: String

  @Flag(help: "One probability for all labels, with the best micro-F1.")
  var global = false

  @Flag(help: "A probability for each label.")
  var perLabel = false

  @Option(
    help: ArgumentHelp(
      "One probability for all labels, the lowest at which this share of the labels given is right.",
      valueName: "share"))
  var precision: Double?

  @Option(
    help: ArgumentHelp(
      "One probability for all labels, the highest at which this share of the true labels is given.",
      valueName: "share"))
  var recall: Double?

  @Option(help: ArgumentHelp("Each row gets its K most probable labels.", valueName: "K"))
  var topK: Int?

  @Option(
    help: ArgumentHelp(
      "Labeled rows to tune on. (default: the run's validation rows)", valueName: "file"))
  var data: String?

  @OptionGroup var columns: ColumnArguments

  private var rules: [EvaluationSettings.Threshold] {
    [
      global ? .global : nil, perLabel ? .perLabel : nil,
      precision.map { .goal(.precision($0)) }, recall.map { .goal(.recall($0)) },
      topK.map { .topK($0) },
    ].compactMap { $0 }
  }

  func validate() throws {
    guard rules.count == 1 else {
      throw ValidationError(
        "wanted one of --global, --per-label, --precision, --recall and --top-k, found "
          + "\(rules.count).")
    }
    for (name, value) in [("--precision", precision), ("--recall", recall)] {
      guard let value else { continue }
      guard value > 0, value <= 1 else {
        throw ValidationError("\(name): wanted a share above 0 and up to 1, found \(value).")
      }
    }
    if let topK, !(1...100_000).contains(topK) {
      throw ValidationError("--top-k: wanted a whole number from 1 to 100000, found \(topK).")
    }
  }

  func run() throws {
    var options = ThresholdsOptions(model: model, threshold: rules[0])
    options.data = data
    options.columns = columns.columns
    try runThresholds(options)
  }
}
