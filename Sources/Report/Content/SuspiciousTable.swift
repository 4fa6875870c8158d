// suspicious.csv: the labels of held-out rows that look wrong, for a spreadsheet.

import Data
import Objectives
import Reporting
import Storage

struct SuspiciousTable {
  /// RFC 4180 with a header, lines ending in CRLF.
  let csv: String

  /// Lines at most, the most surprising ones.
  private static let largestCount = 10_000

  init(_ findings: Findings, showsTexts: Bool) {
    let found = findings.suspicious.prefix(Self.largestCount)
    let kept = findings.kept?.rows ?? HeldOutRows()
    let texts =
      showsTexts && !found.isEmpty
      ? RowTexts(findings.run, kept: kept, places: Set(found.map(\.row))) : RowTexts()
    let header = ["file", "row", "id", "label", "finding", "score", "text"]
    let lines = found.map { label -> [String] in
      let number = Int(kept.numbers[label.row])
      let source = texts.rows[number]
      return [
        findings.run.dataFile, "\(number)", source?.id ?? "", findings.run.labels[label.label].name,
        label.kind == .lacking ? "lacking" : "doubtful", fixed(score(label.logit), digits: 4),
        source?.excerpt ?? "",
      ]
    }
    csv = ([header] + lines).map { $0.map(csvField).joined(separator: ",") + "\r\n" }.joined()
  }
}
