// What a run is going to do, in words: printed by --dry-run and at the start of every run.

import Data
import Models
import Reporting

struct RunPlan {
  let experiment: Experiment
  let audit: RunAudit
  let parts: LoadedParts
  let layout: ParameterLayout
  /// Of a rank, at its peak.
  let memoryBytes: Int
  let ranks: Int

  var lines: [String] {
    model + steps + audit.lines
  }

  private var model: [String] {
    let source = experiment.source
    var lines = [
      "model: \(source.name), \(source.configuration.layerCount) layers × "
        + "\(source.configuration.hiddenSize), \(source.pooling.rawValue) pooling, "
        + "\(grouped(Double(layout.parameterCount))) parameters"
    ]
    if source.directory != nil, !parts.hasPooler {
      lines.append("model: the directory has no pooler; a new one is trained")
    }
    lines.append(
      parts.hasClassifier
        ? "model: the classifier is the directory's, its labels are those of the data"
        : "model: new classifier, bias \(experiment.configuration.model.classifierBias.rawValue)")
    return lines
  }

  private var steps: [String] {
    let training = experiment.configuration.training
    let lengths = experiment.training.rowLengths
    let tokens = experiment.plan.order(epoch: 0).reduce(0) { $0 + lengths[$1] }
    return [
      "steps: \(grouped(Double(experiment.totalSteps))) of \(training.batchSize) rows in "
        + "\(training.microbatches) microbatches, \(experiment.plan.stepsPerEpoch) an epoch; "
        + "\(grouped(Double(tokens))) tokens an epoch",
      "ranks: \(ranks); memory of a rank about "
        + "\(grouped((Double(memoryBytes) / 1e6).rounded())) MB",
    ]
  }
}
