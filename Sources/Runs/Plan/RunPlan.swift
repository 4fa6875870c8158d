// What a run is going to do, in words: printed by --dry-run and --verbose.

import Data
import Models
import Reporting

struct RunPlan {
  let experiment: Experiment
  let audit: RunAudit
  /// What of the model was there before, and what else is to be said of it.
  let parts: LoadedParts
  let modelNotes: [String]
  let layout: ParameterLayout
  /// Of a rank, at its peak.
  let memoryBytes: Int
  let ranks: Int

  var lines: [String] {
    model + steps + audit.lines
  }

  private var model: [String] {
    let source = experiment.source
    let trained =
      layout.trainedCount < layout.parameterCount
      ? ", of which \(grouped(Double(layout.trainedCount))) are trained" : ""
    let parameters = grouped(Double(layout.parameterCount)) + " parameters" + trained
    return ["model: \(source.name), \(source.summary), \(parameters)"]
      + (modelNotes + [experiment.precisionReason].compactMap { $0 }).map { "model: \($0)" }
      + [
        parts.hasClassifier
          ? "model: the classifier is the directory's, \(labelsOfClassifier)"
          : "model: new classifier, bias \(experiment.configuration.model.classifierBias.rawValue)"
      ]
  }

  /// How the labels of a classifier that was there before differ from the data's.
  var labelsOfClassifier: String {
    guard parts.newLabels != [] || parts.lostLabels != [] else {
      return "its labels are those of the data"
    }
    func list(_ names: [String]) -> String {
      names.prefix(3).map { "“\($0)”" }.joined(separator: ", ") + (names.count > 3 ? ", …" : "")
    }
    let kept = experiment.task.labels.count - parts.newLabels.count
    return [
      "\(counted(kept, "label")) as in the directory",
      parts.newLabels.isEmpty
        ? nil : "\(grouped(Double(parts.newLabels.count))) new (\(list(parts.newLabels)))",
      parts.lostLabels.isEmpty
        ? nil : "\(grouped(Double(parts.lostLabels.count))) gone (\(list(parts.lostLabels)))",
    ].compactMap { $0 }.joined(separator: ", ")
  }

  /// What an epoch's rows are read by, and how much of it there is.
  private var unitsOfEpoch: String {
    let lengths = experiment.task.training.rowLengths
    let tokens = experiment.task.plan.order(epoch: 0).reduce(0) { $0 + lengths[$1] }
    let units = experiment.task.training.hasTokens ? ["\(grouped(Double(tokens))) tokens"] : []
    let features = experiment.tfidf.map { tfidf in
      let count = experiment.task.training.tfidfCount
      return "\(grouped(Double(count))) of \(grouped(Double(tfidf.vocabulary.count))) features"
    }
    return (units + (features.map { [$0] } ?? [])).joined(separator: ", ") + " an epoch"
  }

  private var steps: [String] {
    let training = experiment.configuration.training
    return [
      "steps: \(grouped(Double(experiment.task.totalSteps))) of \(training.batchSize) rows in "
        + "\(training.microbatches) microbatches, \(experiment.task.plan.stepsPerEpoch) an epoch; "
        + unitsOfEpoch,
      "ranks: \(ranks); memory of a rank about "
        + "\(grouped((Double(memoryBytes) / 1e6).rounded())) MB",
    ]
  }
}
