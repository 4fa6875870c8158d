// `ddp-train evaluate`: the metrics of a saved model on a data file.

import Collectives
import Data
import Kernels
import Memory
import Models
import Objectives
import Reporting
import Storage
import Training

/// Evaluates a saved model, the rows shared out over all ranks.
public func runEvaluation(_ options: EvaluateOptions) throws {
  try onAllRanks { communicator in
    try communicator.rootOnly {
      try checkOutputs(
        [("--output", options.output), ("--labels", options.labels)],
        inputs: [options.data, options.model])
    }
    let session = try InferenceSession(
      model: options.model,
      .init(path: options.data, columns: options.columns, readsLabels: true),
      output: options.output, communicator)
    let evaluation = try session.evaluate(
      topK: options.topK, hasIntervals: options.confidenceIntervals, communicator)
    try communicator.rootOnly {
      try report(evaluation, session.dataset, options, session.output)
      try write(evaluation, session, options)
    }
  }
}

/// Writes the figures of each label where a file is asked for.
private func write(
  _ evaluation: Evaluation, _ session: InferenceSession, _ options: EvaluateOptions
) throws {
  guard let path = options.labels else { return }
  let table = LabelTable(
    labels: session.loaded.labels.names, counts: session.loaded.notes.counts,
    thresholds: session.loaded.thresholds,
    parts: [
      LabelTable.Part(evaluation, of: session.dataset, by: .saved, prefix: "")
    ].compactMap { $0 })
  let file = try InferenceSession.begin(path)
  do {
    try file.write(Array(table.csv.utf8))
    try file.commit()
  } catch let error as FileError {
    throw Failure(.inputOutput, "\(error)")
  }
}

/// Prints the metrics and writes them where a file is asked for.
private func report(
  _ evaluation: Evaluation, _ dataset: Dataset, _ options: EvaluateOptions, _ output: PendingFile?
) throws {
  var lines = ["\(options.data): \(dataset.rowCount) rows, \(dataset.labels.count) labels"]
  for label in dataset.unknownLabels.prefix(5) {
    lines.append(
      "label \"\(label.name)\" (\(label.rowCount) rows) is not one of the model's: ignored")
  }
  if dataset.unknownLabels.count > 5 {
    lines.append(
      "… and \(dataset.unknownLabels.count - 5) more labels that the model does not have")
  }
  lines += evaluation.metrics.map {
    "\($0.name.logKey.padding(to: 36)) \(fixed($0.value, digits: 6))"
  }
  let streams = [options.output, options.labels].compactMap { $0 }
  printText(lines.joined(separator: "\n"), besides: streams)
  guard let output else { return }
  var json: JSONObject = [
    "model": .string(options.model), "data": .string(options.data),
    "rows": .integer(dataset.rowCount),
  ]
  for metric in evaluation.metrics { json[metric.name.logKey] = .double(metric.value) }
  try output.write(Array((JSONValue.object(json).text(pretty: true) + "\n").utf8))
  try output.commit()
}
