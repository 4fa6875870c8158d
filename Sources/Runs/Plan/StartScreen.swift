// What a run shows before its first step: at most 20 lines of 80 columns. The whole plan is printed
// by --dry-run and --verbose.

import Configuration
import Data
import Objectives
import Reporting
import Storage

struct StartScreen {
  let plan: RunPlan

  private var experiment: Experiment { plan.experiment }
  private var configuration: Configuration { experiment.configuration }
  private var audit: RunAudit { plan.audit }

  /// Where the text of a line begins.
  private static let indent = 10
  /// Pieces of advice and remarks that are shown.
  private static let shownRemarks = 3

  var lines: [String] {
    [title] + parts + files + labels + model + training + needs + remarks
  }

  private var title: String {
    let precision =
      configuration.model.kind == .linear ? "" : ", \(configuration.training.precision.rawValue)"
    return TextStyle.bold("\(Program.name) \(Program.version)")
      + "  \(configuration.outputDirectory)  \(counted(plan.ranks, "rank"))\(precision)"
  }

  /// A line for each part of the rows.
  private var parts: [String] {
    let labels = audit.labels
    let header = ["", "rows", "labels a row", "no label", "labels without a row"]
    let rows = labels.parts.map { part in
      let absent =
        part.name == "training"
        ? part.counts.labelsWithoutPositives.count : labels.labelsAbsent(from: part.name).count
      return [
        part.name, grouped(Double(part.counts.rowCount)),
        fixed(part.counts.labelsPerRow, digits: 2), grouped(Double(part.counts.unlabeledRowCount)),
        grouped(Double(absent)),
      ]
    }
    return alignedColumns([header] + rows, gap: 4)
  }

  /// What was taken for text, labels and id.
  private var files: [String] {
    guard let training = experiment.sources.first?.summary else { return [] }
    return wrapped(
      "\(lastComponent(of: training.path)): \(training.line)", title: "Reads",
      indent: Self.indent, limit: 2)
  }

  private var labels: [String] {
    let counts = audit.labels.parts[0].counts
    let bins = counts.histogram(bounds: [0, 5, 20, 100]).map { "\($0.name): \($0.labelCount)" }
    return wrapped(
      "\(grouped(Double(counts.positives.count))): " + audit.labels.mostFrequent,
      title: "Labels", indent: Self.indent, limit: 1)
      + wrapped(
        "labels by training rows: " + bins.joined(separator: ", "), indent: Self.indent, limit: 1)
  }

  private var model: [String] {
    let source = experiment.source
    let classifier =
      plan.parts.hasClassifier
      ? "its own classifier: \(plan.labelsOfClassifier)" : "a new classifier"
    let parameters = grouped(Double(plan.layout.parameterCount)) + " parameters"
    return wrapped(
      ([source.name, source.summary, classifier, parameters] + plan.modelNotes)
        .joined(separator: ", "),
      title: "Model", indent: Self.indent, limit: 3)
  }

  private var training: [String] {
    let settings = configuration.training
    let steps = experiment.task.totalSteps
    let epochs = Double(steps) / Double(max(experiment.task.plan.stepsPerEpoch, 1))
    var parts = [
      "\(compact(epochs)) epochs, \(counted(steps, "step")) of \(counted(settings.batchSize, "row"))"
    ]
    if configuration.model.kind == .bert {
      parts.append(
        "learning rate \(compact(settings.learningRate)), classifier "
          + compact(settings.classifierLearningRate))
    }
    parts.append("loss \(configuration.loss.type)")
    let weights = audit.weightSummary
    if weights.maximum != 1 || weights.minimum != 1 {
      parts.append(
        "pos_weight \(significant(weights.minimum)) to \(significant(weights.maximum))")
    }
    if experiment.task.validation != nil {
      parts.append("best model by \(configuration.earlyStopping.metricForBestModel)")
    }
    return wrapped(
      parts.joined(separator: ", "), title: "Training", indent: Self.indent, limit: 2)
  }

  private var needs: [String] {
    let memory = grouped((Double(plan.memoryBytes) / 1e6).rounded()) + " MB a rank"
    return wrapped(
      ([memory] + [experiment.precisionReason].compactMap { $0 }).joined(separator: "; "),
      title: "Needs", indent: Self.indent, limit: 2)
  }

  private var unknownCells: String? {
    let counts = audit.labels.parts[0].counts
    guard counts.unknownCellCount > 0 else { return nil }
    return
      "\(fixed(100 * counts.unknownShare, digits: 1)) % of the training cells are unknown: they "
      + "count nowhere"
  }

  private var remarks: [String] {
    let all = [unknownCells].compactMap { $0 } + audit.remarks + audit.advice.map(\.brief)
    guard !all.isEmpty else { return [] }
    let shown = all.prefix(Self.shownRemarks)
    let whole =
      all.count > shown.count
      ? " (\(shown.count) of \(all.count); all: \(configuration.outputDirectory)/audit.json)" : ""
    return ["", TextStyle.bold("Worth a look") + whole]
      + shown.enumerated().flatMap { index, text in
        wrapped(text, title: " \(index + 1)", indent: 3, limit: 1)
      }
  }
}
