// The rows that the page shows: examples of each label's errors, and rows to label again. As many
// as there is room for, those of the labels with most errors first.

import Data
import Objectives
import Reporting
import Storage

struct ReportRows {
  /// Each with id, text, true and given labels.
  private(set) var rows: [JSONValue] = []
  /// For each label with errors its missed and wrong rows with their scores.
  private(set) var byLabel: JSONValue = .object(JSONObject())
  private(set) var suspicious: [JSONValue] = []
  /// Why there are no texts; nil where there are, or none are wanted.
  let obstacle: String?

  private let findings: Findings
  private let texts: RowTexts
  private let kept: HeldOutRows
  private var bytes: Int
  /// Where a row stands in `rows`, by its place among those that were kept.
  private var places: [Int: Int] = [:]

  /// Rows to label again that the page shows; the CSV file has more.
  static let suspiciousCount = 150
  /// Labels whose examples are looked up at most.
  private static let largestLabelCount = 1_500

  init(_ findings: Findings, showsTexts: Bool, bytes: Int) {
    self.findings = findings
    self.bytes = bytes
    guard let part = findings.kept else {
      (texts, kept, obstacle) = (RowTexts(), HeldOutRows(), nil)
      return
    }
    kept = part.rows
    let order = findings.errors.indices
      .sorted { (findings.figures[$1].errors, $0) < (findings.figures[$0].errors, $1) }
      .prefix(Self.largestLabelCount)
    let wanted =
      findings.suspicious.prefix(Self.suspiciousCount).map(\.row)
      + order.flatMap { findings.errors[$0].missed + findings.errors[$0].wrong }.map(\.row)
    texts =
      showsTexts && !wanted.isEmpty
      ? RowTexts(findings.run, kept: part.rows, places: Set(wanted)) : RowTexts()
    obstacle = texts.obstacle
    addSuspicious()
    addExamples(of: Array(order))
  }

  private mutating func addSuspicious() {
    for label in findings.suspicious.prefix(Self.suspiciousCount) {
      guard let row = place(of: label.row) else { return }
      suspicious.append(
        .array([
          .integer(row), .integer(label.label), .string(label.kind.rawValue),
          short(score(label.logit), digits: 3),
        ]))
    }
  }

  private mutating func addExamples(of labels: [Int]) {
    var all = JSONObject()
    for label in labels where findings.figures[label].errors > 0 {
      let errors = findings.errors[label]
      guard let missed = examples(errors.missed), let wrong = examples(errors.wrong) else { break }
      all["\(label)"] = .array([missed, wrong])
      bytes -= 20
    }
    byLabel = .object(all)
  }

  /// Nil where there is no more room.
  private mutating func examples(_ list: [LabelErrors.Example]) -> JSONValue? {
    var result: [JSONValue] = []
    for example in list {
      guard let row = place(of: example.row) else { return nil }
      result.append(.array([.integer(row), short(score(example.logit), digits: 3)]))
      bytes -= 14
    }
    return .array(result)
  }

  /// Where the row stands in `rows`, added where it is new; nil where there is no more room.
  private mutating func place(of row: Int) -> Int? {
    if let known = places[row] { return known }
    guard bytes > 0 else { return nil }
    let source = texts.rows[Int(kept.numbers[row])]
    let entries = kept[row]
    func labels(_ isWanted: (HeldOutRows.Entry) -> Bool) -> JSONValue {
      .array(entries.filter(isWanted).map { .integer(Int($0.label)) })
    }
    let value: JSONValue = .array([
      .string(source?.id ?? "row \(kept.numbers[row])"), .string(source?.excerpt ?? ""),
      labels(\.isTrue), labels(\.isDecided),
    ])
    bytes -= value.text().utf8.count + 2
    places[row] = rows.count
    rows.append(value)
    return rows.count - 1
  }
}
