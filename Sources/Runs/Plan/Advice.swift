// What in data and configuration will hurt, and which key changes it. A new piece of advice is an
// entry of one of the lists below.

import Data
import Kernels
import Models
import Objectives
import Reporting

/// A piece of advice.
struct Advice: CustomStringConvertible {
  /// What was found, and why it matters.
  let what: String
  /// The key to change, or the file to look at, with what to do.
  let key: String

  var description: String { "\(what). \(key)" }

  /// All that applies to an experiment.
  static func all(
    _ experiment: Experiment, _ audit: LabelAudit, _ twins: [LabelTwins.Pair]
  ) -> [Advice] {
    (onOddLabels(experiment, audit) + onLabels(experiment, audit) + onRows(experiment, audit)
      + onSettings(experiment, audit) + [onTwins(experiment, twins)])
      .compactMap { $0 }
  }

  private init?(if condition: Bool, _ what: String, _ key: String) {
    guard condition else { return nil }
    self.what = what
    self.key = key
  }

  private static func onLabels(_ experiment: Experiment, _ audit: LabelAudit) -> [Advice?] {
    let counts = experiment.task.counts
    let positives = counts.positives
    let oneSided = positives.indices.count {
      positives[$0] > 0 && counts.known[$0] < counts.rows && counts.negatives($0) == 0
    }
    let hopeless = positives.count { $0 < 5 }
    let rare = positives.count { (5..<20).contains($0) }
    let absent = audit.labelsAbsent(from: "validation").count
    let unknown = Set(audit.parts.flatMap { $0.unknownLabels.map(\.name) }).count
    let share = 20 / Double(max(experiment.task.counts.rows, 1))
    return [
      Advice(
        if: hopeless > 0,
        "\(hopeless) of \(positives.count) labels have fewer than 5 training rows: hardly anything "
          + "can learn them, and each counts 0 in macro-F1 over all labels",
        "Gather rows for them in data.train, or leave them out"),
      Advice(
        if: rare * 10 > positives.count
          && experiment.configuration.data.oversampleRare == nil,
        "\(rare) of \(positives.count) labels have 5 to 19 training rows",
        "Try data.oversample_rare=\(significant(share)), which takes their rows more often"),
      Advice(
        if: (hopeless + rare) * 5 > positives.count
          && experiment.configuration.evaluation.threshold == .global,
        "\(hopeless + rare) of \(positives.count) labels have fewer than 20 training rows, and one "
          + "threshold for all labels is that of the frequent ones",
        "Where rare labels count as much (macro-F1), set evaluation.threshold=per_label"),
      Advice(
        if: absent > 0,
        "\(absent) labels of training do not occur in validation: nothing tunes their thresholds, "
          + "and validation F1 over all labels counts them 0",
        "Give more rows in data.validation, or a larger data.validation_fraction"),
      Advice(
        if: oneSided > 0,
        "\(oneSided) labels are known of rows that have them and of no other: all that can be learned is "
          + "to say yes",
        "Let some rows of data.train say 0; if its −1 mean no, write 0 for them"),
      Advice(
        if: unknown > 0,
        "\(unknown) labels of validation or test do not occur in training: no model can find them, "
          + "and no figure counts them",
        "Look at data.train"),
    ]
  }

  private static func onTwins(_ experiment: Experiment, _ twins: [LabelTwins.Pair]) -> Advice? {
    guard let pair = twins.first else { return nil }
    let names = [pair.first, pair.second].map { "“\(experiment.task.labels[$0])”" }
    let pairs = twins.count == 1 ? "" : "; \(twins.count) such pairs are in audit.json"
    return Advice(
      if: true,
      "\(names[0]) and \(names[1]) are the same rows: \(pair.shared) of \(pair.either) have both"
        + pairs,
      "Make one label of them")
  }

  private static func onOddLabels(_ experiment: Experiment, _ audit: LabelAudit) -> [Advice?] {
    [
      Advice(
        if: !audit.constantLabels.isEmpty,
        "\(audit.constantLabels.count) labels hold in every training row: nothing can be learned of "
          + "them, and each raises micro-F1 without saying anything",
        experiment.sources[0].summary.labelColumns == nil
          ? "Leave them out of data.train"
          : "Name them in data.ignored_columns, unless they are labels after all")
    ]
  }

  private static func onRows(_ experiment: Experiment, _ audit: LabelAudit) -> [Advice?] {
    let training = audit.parts[0]
    let rows = max(training.counts.rowCount, 1)
    let empty = training.counts.unlabeledRowCount
    let shared = audit.parts.reduce(0) {
      $0 + $1.rowCountSharedWithTraining + $1.rowCountSharedWithValidation
    }
    let limit = experiment.configuration.model.maxLength
    let cut =
      experiment.task.training.hasTokens
      ? experiment.task.training.rowLengths.count { $0 >= limit } : 0
    return [
      Advice(
        if: empty * 100 > rows,
        "\(empty) of \(rows) training rows have no label: they teach that nothing holds for them",
        "Where that is not known, leave them out of data.train"),
      Advice(
        if: shared > 0,
        "\(shared) rows of validation or test have the text of a row of another part: figures on "
          + "them look better than life",
        "Split data.train, data.validation and data.test so that equal texts stay together"),
      Advice(
        if: training.contradictionCount > 0,
        "\(training.contradictionCount) training rows have the text of an earlier one and other "
          + "labels: at most one of the two can be learned",
        "Look at data.train"
          + (experiment.task.training.hasTokens
            ? ", or raise model.max_length where only the ends of the texts differ" : "")),
      Advice(
        if: cut * 10 > rows,
        "\(cut) of \(rows) training rows reach \(limit) tokens, where texts are cut",
        "Raise model.max_length; what is short stays cheap"),
    ]
  }

  private static func onSettings(_ experiment: Experiment, _ audit: LabelAudit) -> [Advice?] {
    let settings = experiment.configuration
    let density =
      audit.parts[0].counts.labelsPerRow / Double(max(experiment.task.counts.labels, 1))
    let heaviest = Double(experiment.positiveWeights.max() ?? 1)
    let training = settings.training
    return [
      Advice(
        if: heaviest > 100,
        "pos_weight reaches \(significant(heaviest)): single rows of rare labels rule the steps, "
          + "and probabilities are far above frequencies",
        "Clamp it with loss.pos_weight.max, or set loss.pos_weight=none and decide by tuned "
          + "thresholds"
      ),
      Advice(
        if: heaviest > 2 && settings.evaluation.threshold == .fixed(0.5),
        "pos_weight raises probabilities, so that 0.5 says yes too often",
        "Set evaluation.threshold=global"),
      Advice(
        if: settings.model.classifierBias == .zero && density < 0.05,
        "of rows × labels only \(significant(100 * density)) % are positive, but a new classifier "
          + "begins at one half for each: the first steps only teach it to say no",
        "Set model.classifier_bias_init=prior"),
      Advice(
        if: settings.model.kind == .bert
          && training.classifierLearningRate < 5 * training.learningRate,
        "a new classifier starts from noise and learns no faster than the encoder",
        "Set training.classifier_learning_rate to 20 to 50 times training.learning_rate"),
      Advice(
        if: settings.model.kind == .bert && training.precision == .fp32
          && training.freezing != .everything && ProductPrecision.bfloat16.obstacle == nil,
        "this processor multiplies bf16 numbers, which is often twice as fast as fp32, and as good",
        "Try training.precision=bf16"),
    ]
  }
}
