// What is kept of held-out rows, and the file that keeps it.

import Foundation
import Memory
import Objectives
import Reporting
import Storage
import Testing

@Suite struct HeldOutScoresTests {
  /// Logits of a row of 60 labels, all different.
  private func logits(_ row: Int) -> [Float] {
    (0..<60).map { Float(($0 * 37 + row * 11) % 60) / 6 - 5 }
  }

  private func selection(rows: Int, threshold: Double = 0.9) -> RowSelection {
    let selection = RowSelection(
      EvaluationMeasures.Decision(.global, thresholds: Thresholds(threshold, labels: 60)),
      rowCount: rows)
    for row in 0..<rows {
      selection.add(
        row: Vector(logits(row)), positives: [Int32(row % 60), 59], index: row, number: 2 * row)
    }
    return selection
  }

  @Test func trueLabelsDecidedOnesAndTheBestAreKept() throws {
    let rows = selection(rows: 9).rows
    #expect(rows.count == 9 && rows.numbers == (0..<9).map { Int32(2 * $0) })
    for row in 0..<9 {
      let (values, kept) = (logits(row), rows[row])
      let decided = Set(values.indices.filter { values[$0] >= Float(log(9.0)) })
      let best = values.indices.sorted { values[$0] > values[$1] }.prefix(max(10, decided.count))
      #expect(Set(kept.map { Int($0.label) }) == Set(best).union([row, 59]))
      #expect(Int(rows.decidedCounts[row]) == decided.count)
      #expect(zip(kept, kept.dropFirst()).allSatisfy { $0.logit > $1.logit })
      for entry in kept {
        let label = Int(entry.label)
        #expect(entry.logit == values[label] && entry.isDecided == decided.contains(label))
        #expect(entry.isTrue == [row, 59].contains(label))
      }
    }
  }

  @Test func unknownLabelsAreNeitherKeptNorCounted() {
    let (whole, masked) = (
      selection(rows: 1).rows,
      RowSelection(
        EvaluationMeasures.Decision(.global, thresholds: Thresholds(0.9, labels: 60)), rowCount: 1)
    )
    let unknown = whole[0].filter(\.isDecided).prefix(2).map(\.label).sorted()
    masked.add(
      row: Vector(logits(0)), positives: [0, 59], unknown: unknown[...], index: 0, number: 0)
    #expect(unknown.count == 2)
    #expect(masked.rows.decidedCounts[0] == whole.decidedCounts[0] - 2)
    #expect(!masked.rows[0].contains { unknown.contains($0.label) })
  }

  @Test func ofVeryManyRowsEvenlySpacedOnesAreKept() {
    let count = RowSelection.largestRowCount * 2 + 1
    let selection = RowSelection(
      EvaluationMeasures.Decision(.half, thresholds: Thresholds(0.5, labels: 1)), rowCount: count)
    let row = Vector<Float>([0])
    for index in 0..<count { selection.add(row: row, positives: [], index: index, number: index) }
    let numbers = selection.rows.numbers
    #expect(numbers.count == RowSelection.largestRowCount && numbers[0] == 0)
    #expect(zip(numbers, numbers.dropFirst()).allSatisfy { (2...3).contains($1 - $0) })
  }

  @Test func theFileGivesBackWhatWasWritten() throws {
    let path = NSTemporaryDirectory() + "scores-\(UUID()).safetensors"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let rows = selection(rows: 5).rows
    let counts = (0..<ScoreCurve.bins).map { $0 % 5 }
    let curve = ScoreCurve(scores: counts, positives: counts.map { $0 / 2 })
    let scores = HeldOutScores(
      parts: [.test: HeldOutScores.Part(rowCount: 7, rows: rows, curve: curve)])
    try scores.write(to: path)
    #expect(try HeldOutScores(contentsOf: path, labels: 60) == scores)
    #expect(throws: StorageError.self) { try HeldOutScores(contentsOf: path, labels: 20) }
  }
}
