// A finished run as its own files tell of it.

import Configuration
import Objectives
import Reporting
import Storage

/// What a report is made of.
struct FinishedRun {
  let directory: RunDirectory
  let configuration: Configuration
  let results: RunResults
  let log: LoggedRun
  let labels: [LabelFigures]
  /// audit.json; nil where it is not there.
  let audit: JSONValue?
  /// nil in a run of a version that did not keep them.
  let scores: HeldOutScores?

  /// The directory as the user wrote it.
  var path: String { directory.path }

  /// Reads a run. Throws exit code 66 where it has not ended, and the errors of its files.
  init(path: String) throws {
    directory = RunDirectory(path: path)
    for file in [directory.results, directory.config, directory.labels]
    where fileKind(file) == nil {
      throw Failure(
        .missingInput,
        "\(path): no finished run is there (\(lastComponent(of: file)) is missing); name the output_dir "
          + "of a run that has ended, or end it by --resume")
    }
    configuration = try Configuration(
      stored: JSONValue(contentsOf: directory.config), source: directory.config)
    guard
      let results = try JSONValue(contentsOf: directory.results).object.flatMap(RunResults.init)
    else {
      throw StorageError(.malformed, directory.results, "does not hold the results of a run")
    }
    self.results = results
    log = try LoggedRun(path: directory.metrics)
    labels = try LabelFigures.all(in: directory.labels)
    audit = fileKind(directory.audit) == nil ? nil : try JSONValue(contentsOf: directory.audit)
    scores =
      fileKind(directory.scores) == nil
      ? nil : try HeldOutScores(contentsOf: directory.scores, labels: labels.count)
  }

  /// The part of the rows that the report is about: test, where there is one.
  var part: RunPart { results.test != nil ? .test : .validation }

  /// The metrics on these rows.
  var metrics: MetricValues? { results[part] }

  /// By which thresholds the model decides.
  var decisions: ThresholdKind { configuration.evaluation.threshold.kind }

  /// A label's figures on these rows.
  func figures(_ label: Int) -> LabelFigures.Part { labels[label].parts[part] ?? .init() }

  /// The file that holds these rows, and whether they are only some of its rows.
  var dataFile: String {
    let data = configuration.data
    return (part == .test ? data.test : data.validation) ?? data.train
  }
}

/// metrics.jsonl by events; without the file there are none.
struct LoggedRun {
  let start: StartEvent?
  let end: EndEvent?
  let steps: [TrainEvent]
  let evaluations: [EvaluationEvent]
  let checkpoints: [CheckpointEvent]

  /// Reads a log. Throws `FileError`.
  init(path: String) throws {
    let log = MetricsLog(path: path)
    start = try log.events(StartEvent.self).last
    end = try log.events(EndEvent.self).last
    steps = try log.events(TrainEvent.self)
    evaluations = try log.events(EvaluationEvent.self)
    checkpoints = try log.events(CheckpointEvent.self)
  }
}
