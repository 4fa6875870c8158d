// What is worth knowing of a run's data and weights before training: `audit.json`, and in short the
// lines that every run prints.

import Data
import Objectives
import Reporting
import Storage

/// The audit of an experiment. Made on one rank: it counts what is in memory already.
package struct RunAudit {
  let labels: LabelAudit
  /// Labels that almost the same training rows have.
  let twins: [LabelTwins.Pair]
  let advice: [Advice]
  private let names: [String]
  private let positives: [Int]
  private let weights: [Float]
  private let lossType: String
  private let sources: [LoadedRows]

  package init(_ experiment: Experiment) {
    labels = LabelAudit(
      training: experiment.task.training, validation: experiment.task.validation,
      test: experiment.task.test)
    names = experiment.task.labels
    sources = experiment.sources
    positives = experiment.task.counts.positives
    weights = experiment.positiveWeights
    lossType = experiment.configuration.loss.type
    twins = LabelTwins.pairs(in: experiment.task.training)
    advice = Advice.all(experiment, labels, twins)
  }

  /// For the terminal.
  var lines: [String] { aboutRows + weightLines + aboutAdvice }

  /// What is known of the data alone, for the terminal.
  package var dataLines: [String] { aboutRows + aboutAdvice }

  private var aboutRows: [String] { sourceLines + labels.summary.map { "data: \($0)" } }
  private var aboutAdvice: [String] { advice.map { "advice: \($0)" } }

  /// What was taken for text, labels and id in each file.
  private var sourceLines: [String] {
    sources.indices.flatMap { index in
      let path = sources[index].summary.path
      return ["data: \(path): \(sources[index].summary.line)"]
        + remarks(onFile: index).map { "data: \($0)" }
    }
  }

  /// What is passed over in the files, or taken otherwise than its name says.
  var remarks: [String] { sources.indices.flatMap(remarks(onFile:)) }

  private func remarks(onFile index: Int) -> [String] {
    let source = sources[index]
    let onLabels =
      index == 0 ? [] : source.summary.remarks(onLabels: names, owner: "the training rows")
    return (source.remarks + onLabels).map { "\(source.summary.path): \($0)" }
  }

  private var weightLines: [String] {
    let weights = weightSummary
    return [
      "loss: \(lossType), pos_weight min \(significant(weights.minimum)), "
        + "median \(significant(weights.median)), max \(significant(weights.maximum))"
    ]
  }

  var weightSummary: AuditRecord.Weights {
    let sorted = weights.map(Double.init).sorted()
    return AuditRecord.Weights {
      if let minimum = sorted.first, let maximum = sorted.last {
        ($0.minimum, $0.median, $0.maximum) = (minimum, sorted[sorted.count / 2], maximum)
      }
      let largest = weights.indices.sorted { (-weights[$0], $0) < (-weights[$1], $1) }.prefix(10)
      $0.largest = largest.map { label in
        AuditRecord.LabelWeight {
          $0.label = names[label]
          $0.trainingPositives = positives[label]
          $0.weight = Double(weights[label])
        }
      }
    }
  }

  /// Pairs of labels with the same rows that are listed.
  private static let largestTwinCount = 200

  /// The content of audit.json.
  package var record: AuditRecord {
    AuditRecord {
      $0.labels = names.count
      $0.remarks = remarks
      $0.labelsByTrainingPositives = labels.parts[0].counts.histogram().map(AuditRecord.Bin.init)
      $0.parts.names = labels.parts.map(\.name)
      $0.parts.parts = labels.parts.map(record(of:))
      $0.positiveWeights = weightSummary
      $0.twins = twins.prefix(Self.largestTwinCount).map { pair in
        AuditRecord.Twins {
          $0.labels = [pair.first, pair.second].map { names[$0] }
          ($0.shared, $0.either) = (pair.shared, pair.either)
        }
      }
      $0.constantLabels = labels.constantLabels.map { names[$0] }
      $0.equalLabels = labels.equalLabels.map { [names[$0.first], names[$0.second]] }
      $0.advice = advice.map { advice in
        AuditRecord.AdviceRecord {
          $0.what = advice.what
          $0.key = advice.key
        }
      }
    }
  }

  private func record(of part: LabelAudit.Part) -> AuditRecord.Part {
    let absent = labels.labelsAbsent(from: part.name)
      .sorted { (positives[$1], $0) < (positives[$0], $1) }
    return AuditRecord.Part {
      $0.rows = part.counts.rowCount
      $0.labelsPerRow = part.counts.labelsPerRow
      $0.unlabeledRows = part.counts.unlabeledRowCount
      $0.repeatedRows = part.repeatedRowCount
      $0.contradictions = part.contradictionCount
      $0.rowsSharedWithTraining = part.rowCountSharedWithTraining
      $0.rowsSharedWithValidation = part.rowCountSharedWithValidation
      $0.absentLabels = absent.count
      $0.mostFrequentAbsent = absent.prefix(10).map { names[$0] }
      $0.unknownLabels = part.unknownLabels.count
      $0.mostFrequentUnknown = part.unknownLabels.prefix(10).map(AuditRecord.LabelRows.init)
      guard part.counts.unknownCellCount > 0 else { return }
      $0.unknownCells = part.counts.unknownCellCount
      $0.unknownRowsByLabel = unknownRows(part.counts)
    }
  }
}

extension RunAudit {
  /// How many rows of each label are unknown; labels without such rows are left out.
  private func unknownRows(_ counts: LabelCounts) -> AuditRecord.RowsByLabel {
    let labels = names.indices.filter { counts.unknown[$0] > 0 }
    return AuditRecord.RowsByLabel(
      names: labels.map { names[$0] }, rows: labels.map { counts.unknown[$0] })
  }
}

extension AuditRecord.Bin {
  fileprivate init(_ bin: LabelCounts.Bin) {
    self.init()
    (from, to, labels) = (bin.lower, bin.upper, bin.labelCount)
  }
}

extension AuditRecord.LabelRows {
  fileprivate init(_ label: Dataset.UnknownLabel) {
    self.init()
    (self.label, rows) = (label.name, label.rowCount)
  }
}
