// Which labels are taken for which, and the rows that show it.

import Objectives

/// What held-out rows say of a label's errors.
struct LabelErrors {
  /// A row, by its place among those that were kept, with the label's logit.
  struct Example: Equatable {
    let row: Int
    let logit: Float
  }

  /// Rows that have the label and were not given it, the lowest logit first.
  var missed: [Example] = []
  /// Rows that were given it and do not have it, the highest logit first.
  var wrong: [Example] = []
  /// Labels that were given wrongly where this one was missed, by their number of rows.
  var given: [Int: Int] = [:]
  /// Labels that were missed where this one was given wrongly.
  var takenFor: [Int: Int] = [:]

  /// The most frequent ones, at least twice or the only ones.
  static func top(_ counts: [Int: Int], _ limit: Int = 5) -> [(label: Int, rows: Int)] {
    counts.map { (label: $0.key, rows: $0.value) }
      .sorted { ($1.rows, $0.label) < ($0.rows, $1.label) }.prefix(limit).map { $0 }
  }

  /// Examples of a kind that are kept.
  private static let exampleCount = 3
  /// Errors of a row of either kind that are paired: one that has more says little of any.
  private static let pairedCount = 20

  /// The errors of each label, `[L]`.
  static func all(_ rows: HeldOutRows, labels: Int) -> [LabelErrors] {
    var errors = [LabelErrors](repeating: LabelErrors(), count: labels)
    for row in 0..<rows.count {
      let missed = rows[row].filter { $0.isTrue && !$0.isDecided }
      let wrong = rows[row].filter { !$0.isTrue && $0.isDecided }
      for entry in missed {
        errors[Int(entry.label)].addMissed(Example(row: row, logit: entry.logit))
      }
      for entry in wrong {
        errors[Int(entry.label)].addWrong(Example(row: row, logit: entry.logit))
      }
      guard missed.count <= pairedCount, wrong.count <= pairedCount else { continue }
      for lost in missed.map({ Int($0.label) }) {
        for added in wrong.map({ Int($0.label) }) {
          errors[lost].given[added, default: 0] += 1
          errors[added].takenFor[lost, default: 0] += 1
        }
      }
    }
    return errors
  }

  private mutating func addMissed(_ example: Example) {
    Self.insert(example, into: &missed) { $0.logit < $1.logit }
  }

  private mutating func addWrong(_ example: Example) {
    Self.insert(example, into: &wrong) { $0.logit > $1.logit }
  }

  /// Keeps the best few, the earlier row among equals.
  private static func insert(
    _ example: Example, into list: inout [Example], by isBefore: (Example, Example) -> Bool
  ) {
    let place = list.firstIndex { isBefore(example, $0) } ?? list.count
    guard place < exampleCount else { return }
    list.insert(example, at: place)
    if list.count > exampleCount { list.removeLast() }
  }
}
