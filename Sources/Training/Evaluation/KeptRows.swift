// What an evaluation keeps of single rows, from the ranks that have them to all.

import Collectives
import Data
import Memory
import Objectives
import Reporting

extension RowSelection {
  /// Takes the rows of a batch. `logits` `[B, L]`
  func add(
    _ logits: Matrix<Float>, _ targets: SparseTargets, _ rows: [Int], of dataset: Dataset
  ) {
    for (place, row) in rows.enumerated() {
      add(
        row: logits.row(place), positives: targets[place], unknown: targets.unknown(place),
        index: row, number: dataset.storedRow(row))
    }
  }
}

extension Communicator {
  /// The rows of all ranks, on every rank, in the order of their numbers. Collective.
  func gather(_ rows: HeldOutRows) throws -> HeldOutRows {
    let numbers = try gatherRows(Vector(rows.numbers)).array
    let decided = try gatherRows(Vector(rows.decidedCounts)).array
    let counts = try gatherRows(Vector((0..<rows.count).map { Int32(rows[$0].count) })).array
    let labels = try gatherRows(Vector(rows.entries.map(\.label))).array
    let logits = try gatherRows(Vector(rows.entries.map(\.logit))).array
    let flags = try gatherRows(Vector(rows.entries.map(\.flags))).array
    var result = HeldOutRows()
    var start = 0
    for row in numbers.indices {
      let range = start..<start + Int(counts[row])
      result.append(
        number: numbers[row], decidedCount: decided[row],
        entries: range.map {
          HeldOutRows.Entry(label: labels[$0], logit: logits[$0], flags: flags[$0])
        })
      start = range.upperBound
    }
    return result.sorted
  }
}

extension Evaluation {
  /// What scores.safetensors says of these rows; nil where none were kept.
  var scores: HeldOutScores.Part? {
    guard let rows else { return nil }
    return HeldOutScores.Part(rowCount: rowCount, rows: rows, curve: histogram.curve)
  }
}
