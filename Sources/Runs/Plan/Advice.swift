// What in data and configuration will hurt, and which key changes it. A new piece of advice is an
// entry of one of the lists below.

import Data
import Models
import Objectives
import Reporting

/// A piece of advice.
struct Advice: CustomStringConvertible {
  /// What it costs not to follow it, the greatest first.
  enum Urgency: Int, Comparable {
    /// The figures say something else than one thinks.
    case invalidFigures
    /// Text or labels do not reach the model.
    case lostData
    /// Labels that cannot be learned, or whose thresholds cannot be tuned.
    case hopelessLabels
    /// Settings that cost F1.
    case settings

    static func < (one: Urgency, other: Urgency) -> Bool { one.rawValue < other.rawValue }
  }

  let urgency: Urgency
  /// Both in a line of a terminal, if that is given.
  let brief: String
  /// What was found, and why it matters.
  let what: String
  /// The key to change, or the file to look at, with what to do.
  let key: String

  var description: String { "\(what). \(key)" }

  /// All that applies to an experiment, the most urgent first.
  static func all(
    _ experiment: Experiment, _ audit: LabelAudit, _ twins: [LabelTwins.Pair]
  ) -> [Advice] {
    let all =
      onOddLabels(experiment, audit) + onLabels(experiment, audit) + onRows(experiment, audit)
      + onSettings(experiment, audit) + [onTwins(experiment, twins)]
    return all.compactMap { $0 }.enumerated()
      .sorted { ($0.element.urgency, $0.offset) < ($1.element.urgency, $1.offset) }.map(\.element)
  }

  private init?(
    if condition: Bool, _ urgency: Urgency, _ brief: String, _ what: String, _ key: String
  ) {
    guard condition else { return nil }
    (self.urgency, self.brief, self.what, self.key) = (urgency, brief, what, key)
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
        .hopelessLabels,
        "\(counted(hopeless, "label")) with fewer than 5 training rows: add rows, or leave them out",
        "\(hopeless) of \(positives.count) labels have fewer than 5 training rows: hardly anything "
          + "can learn them, and each counts 0 in macro-F1 over all labels",
        "Gather rows for them in data.train, or leave them out"),
      Advice(
        if: rare * 10 > positives.count
          && experiment.configuration.data.oversampleRare == nil,
        .hopelessLabels,
        "\(counted(rare, "label")) with 5 to 19 training rows: data.oversample_rare=\(compact(share))",
        "\(rare) of \(positives.count) labels have 5 to 19 training rows",
        "Try data.oversample_rare=\(significant(share)), which takes their rows more often"),
      Advice(
        if: absent > 0,
        .hopelessLabels,
        "\(counted(absent, "label")) without a validation row: nothing tunes their thresholds",
        "\(absent) labels of training do not occur in validation: nothing tunes their thresholds, "
          + "and validation F1 over all labels counts them 0",
        "Give more rows in data.validation, or a larger data.validation_fraction"),
      Advice(
        if: oneSided > 0,
        .hopelessLabels,
        "\(counted(oneSided, "label")) without a row that is known not to have them",
        "\(oneSided) labels are known of rows that have them and of no other: all that can be learned is "
          + "to say yes",
        "Let some rows of data.train say 0; if its −1 mean no, write 0 for them"),
      Advice(
        if: unknown > 0,
        .invalidFigures,
        "\(counted(unknown, "label")) of validation or test not in training: not counted",
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
      .settings,
      "\(counted(twins.count, "pair")) of labels with the same rows: make one label of each pair",
      "\(names[0]) and \(names[1]) are the same rows: \(pair.shared) of \(pair.either) have both"
        + pairs,
      "Make one label of them")
  }

  private static func onOddLabels(_ experiment: Experiment, _ audit: LabelAudit) -> [Advice?] {
    [
      Advice(
        if: !audit.constantLabels.isEmpty,
        .invalidFigures,
        "\(counted(audit.constantLabels.count, "label")) of every row: they raise micro-F1 and say nothing",
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
        .lostData,
        "\(counted(empty, "training row")) (\(percent(empty, rows))) without a label: does none apply, or is it unknown?",
        "\(empty) of \(rows) training rows have no label: they teach that nothing holds for them",
        "Where that is not known, leave them out of data.train"),
      Advice(
        if: shared > 0,
        .invalidFigures,
        "\(counted(shared, "held-out row")) with a text of another part: scores are too optimistic",
        "\(shared) rows of validation or test have the text of a row of another part: figures on "
          + "them look better than life",
        "Split data.train, data.validation and data.test so that equal texts stay together"),
      Advice(
        if: training.contradictionCount > 0,
        .lostData,
        "\(counted(training.contradictionCount, "training row")) with an earlier text and other labels",
        "\(training.contradictionCount) training rows have the text of an earlier one and other "
          + "labels: at most one of the two can be learned",
        "Look at data.train"
          + (experiment.task.training.hasTokens
            ? ", or raise model.max_length where only the ends of the texts differ" : "")),
      Advice(
        if: cut * 10 > rows,
        .lostData,
        "\(percent(cut, rows)) of the texts are cut at \(limit) tokens: raise model.max_length",
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
        .settings,
        "pos_weight reaches \(significant(heaviest)): set loss.pos_weight=none, or a max",
        "pos_weight reaches \(significant(heaviest)): single rows of rare labels rule the steps, "
          + "and probabilities are far above frequencies",
        "Clamp it with loss.pos_weight.max, or set loss.pos_weight=none and decide by tuned "
          + "thresholds"
      ),
      Advice(
        if: heaviest > 2 && settings.evaluation.threshold == .fixed(0.5),
        .settings, "pos_weight raises probabilities: set evaluation.threshold=global",
        "pos_weight raises probabilities, so that 0.5 says yes too often",
        "Set evaluation.threshold=global"),
      Advice(
        if: settings.model.classifierBias == .zero && density < 0.05,
        .settings, "a new classifier begins at p = 0.5: set model.classifier_bias_init=prior",
        "of rows × labels only \(significant(100 * density)) % are positive, but a new classifier "
          + "begins at one half for each: the first steps only teach it to say no",
        "Set model.classifier_bias_init=prior"),
      Advice(
        if: settings.model.kind == .bert
          && training.classifierLearningRate < 5 * training.learningRate,
        .settings, "the new classifier learns no faster than the encoder: raise its rate",
        "a new classifier starts from noise and learns no faster than the encoder",
        "Set training.classifier_learning_rate to 20 to 50 times training.learning_rate"),
    ]
  }
}

/// A share of a whole, in whole percents.
private func percent(_ count: Int, _ whole: Int) -> String {
  "\((100 * count + whole / 2) / max(whole, 1)) %"
}
