// `ddp-train report`: the page that says which labels are bad and why, and what to do next.

import Collectives
import Report
import Reporting
import Storage
import Training

/// Writes the report of a finished run; rank 0 does all.
public func runReport(_ options: ReportOptions) throws {
  try onAllRanks { communicator in
    try communicator.rootOnly { try writeReport(options) }
  }
}

private func writeReport(_ options: ReportOptions) throws {
  let run = RunDirectory(path: options.run)
  let read = [options.run, options.base].compactMap { $0 }.map(RunDirectory.init).flatMap {
    [$0.config, $0.results, $0.labels, $0.metrics, $0.audit, $0.scores]
  }
  try checkOutputs([("--output", options.output)], inputs: read)
  let report = try RunReport(
    run: options.run, base: options.base, showsTexts: options.showsTexts)
  let place = options.output ?? (options.base == nil ? run.report : run.comparison)
  let notes: [String]
  if options.output == nil, options.base == nil {
    notes = try report.writeIntoRun()
  } else {
    notes = try report.write(to: InferenceSession.begin(place))
  }
  for note in notes { printNote(note) }
  printText("report: \(place)", besides: [options.output].compactMap { $0 })
}
