import Configuration
import Foundation
import Models
import Objectives
import Reporting
import Training

/// The README.md of a saved model, in the form of a Hugging Face model card: a hub shows the figures
/// of its `model-index`.
struct ModelCard {
  let experiment: Experiment
  let state: TrainingState
  let evaluation: Evaluation?

  private var configuration: Configuration { experiment.configuration }

  var text: String {
    ([header, title, intendedUse, data, figures, limits, usage].compactMap { $0 })
      .joined(separator: "\n\n") + "\n"
  }

  // MARK: - For the hub

  private var header: String {
    let lines =
      [
        "---", "library_name: transformers", "pipeline_tag: text-classification", "tags:",
        "- multi-label", "- ddp-train",
      ] + index + ["---"]
    return lines.joined(separator: "\n")
  }

  /// The figures of the validation rows, as hubs read them; nothing without such rows.
  private var index: [String] {
    guard !indexed.isEmpty else { return [] }
    let file = URL(fileURLWithPath: configuration.data.validation ?? configuration.data.train)
    let name = quoted(file.lastPathComponent)
    let run = URL(fileURLWithPath: configuration.outputDirectory).lastPathComponent
    let metrics = indexed.flatMap { type, title, value in
      [
        "    - type: \(type)", "      name: \(quoted(title))",
        "      value: \(fixed(value, digits: 4))",
      ]
    }
    return [
      "model-index:", "- name: \(quoted(run))", "  results:", "  - task:",
      "      type: text-classification", "      name: Multi-label text classification",
      "    dataset:", "      type: \(name)", "      name: \(name)", "      split: validation",
      "    metrics:",
    ] + metrics
  }

  private var indexed: [(type: String, title: String, value: Double)] {
    [
      ("f1", "micro-F1, one tuned threshold", MetricName.microF1.by(.global)),
      ("f1", "macro-F1, one tuned threshold", MetricName.macroF1.by(.global)),
      ("f1", "micro-F1 at 0.5", .microF1), ("precision", "P@1", .precision(at: 1)),
    ].compactMap { type, title, name in
      evaluation?.value(name).map { (type, title, $0) }
    }
  }

  /// Text as a YAML scalar.
  private func quoted(_ text: String) -> String {
    let clean = text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }
    let escaped = String(String.UnicodeScalarView(clean))
      .replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    return "\"\(escaped)\""
  }

  // MARK: - For readers

  private var title: String {
    """
    # A multi-label text classifier

    \(experiment.task.labels.count) labels on the encoder `\(experiment.source.name)` \
    (\(experiment.source.summary)), trained by \(Program.name) \(Program.version) for \
    \(state.step) steps with the loss `\(configuration.loss.type)`.
    """
  }

  private var intendedUse: String {
    """
    ## Intended use

    To suggest labels for texts like those of the training rows. Any number of labels may hold for a \
    text, also none. `thresholds.json` gives the score from which each label is decided to hold\
    \(evaluation == nil ? "." : "; `calibration.json` makes probabilities of scores.")
    """
  }

  private var data: String {
    let counts = experiment.task.counts
    let positives = counts.positives.sorted()
    let median = positives.isEmpty ? 0 : positives[positives.count / 2]
    let rare = positives.count { $0 < 20 }
    let held = [
      experiment.task.validation.map { "\(grouped(Double($0.rowCount))) validation rows" },
      experiment.task.test.map { "\(grouped(Double($0.rowCount))) test rows" },
    ].compactMap { $0 }
    return """
      ## Training data

      \(grouped(Double(counts.rows))) rows\(held.isEmpty ? "" : ", besides " + held.joined(separator: " and ")). \
      The median label has \(grouped(Double(median))) training rows; \(rare) of \(positives.count) labels \
      have fewer than 20.
      """
  }

  private var figures: String? {
    guard let evaluation else { return nil }
    let rows = evaluation.metrics
      .filter { Self.shown.contains($0.name) }
      .map { "| `\($0.name)` | \(fixed($0.value, digits: 4)) |" }
    return """
      ## Figures

      On the validation rows (`_global`: at the threshold for all labels that was tuned on them):

      | metric | value |
      | --- | --- |
      \(rows.joined(separator: "\n"))
      """
  }

  private static let shown: Set<MetricName> = [
    .loss, .microF1, .macroF1, .microF1.by(.global), .macroF1.by(.global), .precision(at: 1),
  ]

  private var limits: String {
    let cut =
      experiment.task.training.hasTokens
      ? " Texts are cut at \(configuration.model.maxLength) tokens." : ""
    return """
      ## Limits

      Labels of few training rows are found badly, and rows that lacked a label by mistake taught the \
      model not to give it.\(cut) Texts of another kind or language than the training rows need figures \
      of their own.
      """
  }

  private var usage: String {
    """
    ## How to use

    \(experiment.source.usage.text(maxLength: configuration.model.maxLength))
    """
  }
}
