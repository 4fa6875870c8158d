// What a run is going to do, in words: printed by --dry-run and at the start of every run.

import Data
import Models
import Reporting

struct RunPlan {
  let experiment: Experiment
  let parts: LoadedParts
  let layout: ParameterLayout
  /// Of a rank, at its peak.
  let memoryBytes: Int
  let ranks: Int

  var lines: [String] {
    model + data + steps + weights
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

  private var data: [String] {
    let audit = LabelAudit(
      training: experiment.training, validation: experiment.validation, test: experiment.test)
    return audit.summary.map { "data: \($0)" }
  }

  private var steps: [String] {
    let training = experiment.configuration.training
    let tokens = experiment.training.rowLengths.reduce(0, +)
    return [
      "steps: \(grouped(Double(experiment.totalSteps))) of \(training.batchSize) rows in "
        + "\(training.microbatches) microbatches, \(experiment.plan.stepsPerEpoch) an epoch; "
        + "\(grouped(Double(tokens))) tokens an epoch",
      "ranks: \(ranks); memory of a rank about "
        + "\(grouped((Double(memoryBytes) / 1e6).rounded())) MB",
    ]
  }

  private var weights: [String] {
    let sorted = experiment.positiveWeights.map(Double.init).sorted()
    guard let first = sorted.first, let last = sorted.last else { return [] }
    let median = sorted[sorted.count / 2]
    return [
      "loss: \(experiment.configuration.loss.type), pos_weight min \(significant(first)), "
        + "median \(significant(median)), max \(significant(last))"
    ]
  }
}
