// Intervals of F1: what a row less changes, and how often they hold the truth.

import Memory
import Objectives
import Testing

@Suite struct ConfidenceIntervalTests {
  /// Frequent, medium and rare labels.
  private let counts = TrainingCounts(
    rows: 1_000, positives: (0..<12).map { [200, 50, 5][$0 % 3] })

  private func state(
    _ logits: Matrix<Float>, _ positives: [[Int32]], _ counts: TrainingCounts, intervalRows: Int
  ) throws -> EvaluationState {
    let half = EvaluationMeasures.Decision(
      .half, thresholds: Thresholds(0.5, labels: counts.labels))
    let state = EvaluationState(
      EvaluationMeasures(counts: counts, decisions: [half], intervalRows: intervalRows))
    try state.add(
      logits: logits, targets: SparseTargets(rows: positives), rowLosses: [],
      indices: Array(0..<logits.rows))
    return state
  }

  private func values(_ state: EvaluationState) -> [MetricName: Double] {
    Dictionary(uniqueKeysWithValues: state.metrics().map { ($0.name, $0.value) })
  }

  @Test func theChangesAreThoseOfLeavingEachRowOut() throws {
    var generator = TestGenerator(seed: 3)
    let (logits, positives) = generator.rows(40, labels: 12, density: 0.2)
    let whole = try state(matrix(logits), positives, counts, intervalRows: 40)
    let (figures, changes) = (values(whole), whole.jackknifeChanges)
    let names: [MetricName] = ["micro_f1", "macro_f1", "frequent_f1", "medium_f1", "rare_f1"]
    #expect(Set(changes.keys) == Set(names))
    for row in 0..<40 {
      var (fewerLogits, fewerPositives) = (logits, positives)
      fewerLogits.remove(at: row)
      fewerPositives.remove(at: row)
      let without = values(try state(matrix(fewerLogits), fewerPositives, counts, intervalRows: 0))
      for name in names {
        let change = try #require(without[name]) - #require(figures[name])
        #expect(abs(try #require(changes[name])[row] - change) < 1e-12, "\(name) without \(row)")
      }
    }
  }

  @Test func anIntervalIsAsWideAsTheChangesSay() throws {
    // Of a mean of n values the jackknife's standard error is that of the textbook: s/√n.
    let values = [0.1, 0.4, 0.35, 0.8, 0.62]
    let mean = values.reduce(0, +) / 5
    let changes = values.map { (5 * mean - $0) / 4 - mean }
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 4
    let interval = try #require(ConfidenceInterval(mean, changes: changes))
    #expect(abs(interval.high - mean - 1.959964 * (variance / 5).squareRoot()) < 1e-12)
    #expect(abs(interval.low + interval.high - 2 * mean) < 1e-12)
    #expect(ConfidenceInterval(0.5, changes: [0.1]) == nil)
  }

  /// Sets of rows are drawn from a world that is known, of labels of which the rarest has two rows.
  @Test func intervalsOfMacroF1HoldTheTruthIfLabelsAreRare() throws {
    var generator = TestGenerator(seed: 11)
    let (rows, labels, sets) = (200, 30, 400)
    let frequencies = (0..<labels).map { 0.3 / Double(1 + $0) }
    let counts = TrainingCounts(rows: rows, positives: Array(repeating: 1, count: labels))
    var (truth, intervals): (Double, [(low: Double, high: Double)]) = (0, [])
    for _ in 0..<sets {
      let logits = Matrix<Float>(zeros: rows, labels)
      let positives = (0..<rows).map { row in
        (0..<labels).filter { label in
          let isTrue = generator.uniform() < frequencies[label]
          let rate = isTrue ? 0.6 : frequencies[label] / 2
          logits[row, label] = generator.uniform() < rate ? 1 : -1
          return isTrue
        }.map(Int32.init)
      }
      let figures = values(try state(logits, positives, counts, intervalRows: rows))
      truth += try #require(figures["macro_f1"]) / Double(sets)
      intervals.append(
        (try #require(figures["macro_f1_low"]), try #require(figures["macro_f1_high"])))
    }
    let held = intervals.count { $0.low <= truth && truth <= $0.high }
    // 95 % of 400 are 380, with a standard deviation of 4.4. Jackknife intervals may be too wide.
    #expect(held >= 367, "\(held) of \(sets)")
    let width = intervals.reduce(0) { $0 + $1.high - $1.low } / Double(sets)
    #expect(width < 0.25, "\(width)")
  }
}
