import Models
import Objectives
import Reporting
import Training

/// The README.md of a saved model, in the form of a Hugging Face model card.
struct ModelCard {
  let experiment: Experiment
  let state: TrainingState
  let evaluation: Evaluation?

  var text: String {
    """
    ---
    library_name: transformers
    pipeline_tag: text-classification
    tags:
    - multi-label
    - ddp-train
    ---

    # A multi-label text classifier

    \(experiment.task.labels.count) labels on the encoder `\(experiment.source.name)` \
    (\(experiment.source.summary)), trained by \(Program.name) \(Program.version) for \
    \(state.step) steps on \(experiment.task.counts.rows) rows with the loss \
    `\(experiment.configuration.loss.type)`. Texts are cut at \
    \(experiment.configuration.model.maxLength) tokens.

    `thresholds.json` gives the probability from which each label is decided to hold.

    \(experiment.source.usage.text(maxLength: experiment.configuration.model.maxLength))
    \(figures)
    """
  }

  private var figures: String {
    guard let evaluation else { return "" }
    let rows = evaluation.metrics
      .filter { Self.shown.contains($0.name) }
      .map { "| \($0.name) | \(fixed($0.value, digits: 4)) |" }
    return """

      On the validation rows (`_global`: at the threshold for all labels that was tuned on them):

      | metric | value |
      | --- | --- |
      \(rows.joined(separator: "\n"))

      """
  }

  private static let shown: Set<MetricName> = [
    .loss, .microF1, .macroF1, .microF1.by(.global), .macroF1.by(.global), .precision(at: 1),
  ]
}
