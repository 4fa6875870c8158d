// The report at the end of a run. A run whose results are there has ended well, whatever becomes of
// it.

import Report
import Reporting
import Storage

/// Writes the scores of held-out rows and the report into the directory of a run that has its
/// results. Says what went wrong and goes on.
/// - Parameters:
///   - scores: nil where the directory has them.
///   - showsTexts: whether the report may show texts of rows.
/// - Returns: the report; nil if it could not be made.
@discardableResult
package func writeReport(
  in directory: RunDirectory, scores: HeldOutScores?, showsTexts: Bool
) -> RunReport? {
  do {
    try scores?.write(to: directory.scores)
    let report = try RunReport(run: directory.path, showsTexts: showsTexts)
    for note in try report.writeIntoRun() { printNote("\(directory.report): \(note)") }
    return report
  } catch {
    printWarning(
      "the report was not written, the run has all its results: \(error); try again by "
        + "\(Program.name) report \(directory.path)")
    return nil
  }
}
