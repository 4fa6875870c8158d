// The report of a finished run: one page that needs no network. What is here: from a run's
// directory to the file. What the page says is made in Content, out of what Findings has found in
// the files that Run reads.

import Configuration
import Reporting
import Storage

/// The report of a run, or of the differences of a run to another one.
package struct RunReport {
  private let findings: Findings
  private let content: ReportContent

  /// Reads the files of a run.
  /// - Parameters:
  ///   - path: its output directory.
  ///   - base: the directory of a run that it is compared with.
  ///   - showsTexts: whether texts of rows may be shown.
  package init(run path: String, base: String? = nil, showsTexts: Bool = true) throws {
    findings = Findings(try FinishedRun(path: path))
    let other = try base.map { Findings(try FinishedRun(path: $0)) }
    if let other { try findings.checkComparable(with: other) }
    content = ReportContent(findings: findings, base: other, showsTexts: showsTexts)
  }

  /// What the run has come to, for a terminal.
  package var endScreen: [String] { EndScreen(findings: findings).lines }

  /// Writes the page. Returns what the user should know of it. Throws `FileError`.
  package func write(to path: String) throws -> [String] {
    try write(to: PendingFile(path: path))
  }

  /// Writes the page into a file that was begun. Throws `FileError`.
  package func write(to file: PendingFile) throws -> [String] {
    let (json, notes) = content.json()
    try file.write(ReportPage(title: findings.run.path, data: json).html)
    try file.commit()
    return notes
  }

  /// Writes the page and the table of suspicious labels beside the run's other files. Throws
  /// `FileError`.
  package func writeIntoRun() throws -> [String] {
    let table = SuspiciousTable(findings, showsTexts: content.showsTexts)
    try PendingFile.write(table.csv, to: findings.run.directory.suspicious)
    return try write(to: findings.run.directory.report)
  }
}
