// `ddp-train compare`: finished runs side by side, on the same labeled rows.

import Collectives
import Data
import Reporting
import Storage
import Training

/// Compares the best models of runs, the rows shared out over all ranks.
public func runComparison(_ options: CompareOptions) throws {
  try onAllRanks { communicator in
    let runs = try communicator.everyRank { try options.runs.map(ComparedRun.init) }
    try communicator.rootOnly {
      try checkOutputs(
        [("--output", options.output)],
        inputs: runs.flatMap { [$0.path, $0.model] } + [options.data].compactMap { $0 })
      try options.data.map { try checkIsFile($0, option: "--data") }
    }
    let rows = try communicator.everyRank { try ComparedRows(options, runs) }
    var output: PendingFile?
    try communicator.rootOnly { output = try options.output.map(InferenceSession.begin) }
    var models: [ComparedFigures] = []
    var first: (labels: LabelSet, rowCount: Int)?
    for run in runs {
      let session = try InferenceSession(
        model: run.model,
        .init(path: rows.path, columns: rows.columns, readsLabels: true, rows: rows.rows),
        output: nil,
        communicator)
      try communicator.everyRank {
        try check(session.loaded.labels, of: run, as: first?.labels, of: runs[0])
      }
      first = first ?? (session.loaded.labels, session.dataset.rowCount)
      models.append(try figures(of: run, session, options, communicator))
    }
    let trained = try TrainedRows(rows, communicator)
    for index in models.indices {
      models[index].trainedRowCount = try trained.count(of: models[index].run)
    }
    let table = ComparisonTable(rows: rows, rowCount: first?.rowCount ?? 0, models: models)
    try communicator.rootOnly {
      table.warnings.forEach(printWarning)
      printText(
        "\(rows.path): \(table.rowCount) rows (\(rows.summary)); F1 by each model's thresholds.json "
          + "unless it says 0.5\n\n" + table.lines.joined(separator: "\n"),
        besides: [options.output].compactMap { $0 })
      try output?.write(Array((table.json.text(pretty: true) + "\n").utf8))
      try output?.commit()
    }
  }
}

private func figures(
  of run: ComparedRun, _ session: InferenceSession, _ options: CompareOptions,
  _ communicator: Communicator
) throws -> ComparedFigures {
  let evaluation = try session.evaluate(
    topK: [1, 5], hasIntervals: true, communicator)
  let seconds = session.readingSeconds + evaluation.logitSeconds
  return ComparedFigures(
    run: run, evaluation: evaluation,
    modelByteCount: try communicator.everyRank { try run.modelByteCount },
    rowsPerSecond: Double(session.dataset.rowCount) / max(seconds, 1e-9))
}

/// F1 of models with other labels would be of other questions.
private func check(
  _ labels: LabelSet, of run: ComparedRun, as first: LabelSet?, of other: ComparedRun
) throws {
  guard let first else { return }
  let (mine, wanted) = (Set(labels.names), Set(first.names))
  guard mine != wanted else { return }
  let (lacking, owner) =
    wanted.subtracting(mine).min().map { ($0, run) } ?? (
      mine.subtracting(wanted).min() ?? "", other
    )
  throw Failure(
    .badData,
    "\(owner.path): lacks the label \"\(lacking)\" of the other run: only models of the same labels "
      + "can be compared")
}
