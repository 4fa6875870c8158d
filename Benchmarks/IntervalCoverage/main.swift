// How often the intervals of F1 hold what they speak of: the mean figure of many sets of as many
// rows.
//
// Labels have frequencies by Zipf's law, and two models find each label with a recall and a rate of
// false positives of their own. Sets of rows are drawn from that, so the truth is known.
//
//     interval-coverage

import Foundation
import Memory
import Objectives

/// A world of rows, labels and two models' decisions.
struct World {
  let rows: Int
  let labels: Int
  private let frequencies: [Double]
  /// Of each model, the probability of a decision on cells that are true and on those that are not.
  private let hits: [[Double]]
  private let falseAlarms: [[Double]]

  init(rows: Int, labels: Int, labelsPerRow: Double, _ random: inout SystemSeed) {
    let weights = (1...labels).map { 1 / Double($0) }
    let sum = weights.reduce(0, +)
    let frequencies = weights.map { min(0.5, $0 / sum * labelsPerRow) }
    let recall = frequencies.map { _ in random.triangular() }
    let alarms = frequencies.map { $0 * random.triangular() }
    hits = [recall, recall.map { min(1, max(0, $0 + 0.03 + 0.2 * (random.triangular() - 0.5))) }]
    falseAlarms = [alarms, alarms.map { min(1, $0 * (0.7 + 0.6 * random.uniform())) }]
    self.frequencies = frequencies
    self.rows = rows
    self.labels = labels
  }

  /// A set of rows: targets, and the logits of both models.
  func draw(_ random: inout SystemSeed) -> (targets: SparseTargets, logits: [Matrix<Float>]) {
    let logits = (0..<2).map { _ in Matrix<Float>(zeros: rows, labels) }
    let positives = (0..<rows).map { row in
      (0..<labels).filter { label in
        let isTrue = random.uniform() < frequencies[label]
        // The models decide alike on most cells, as models of the same data do.
        let shared = random.uniform()
        let draws = [shared, random.uniform() < 0.7 ? shared : random.uniform()]
        for model in 0..<2 {
          let rate = isTrue ? hits[model][label] : falseAlarms[model][label]
          logits[model][row, label] = draws[model] < rate ? 1 : -1
        }
        return isTrue
      }.map(Int32.init)
    }
    return (SparseTargets(rows: positives), logits)
  }
}

/// A generator with a seed (SplitMix64).
struct SystemSeed {
  var state: UInt64

  mutating func uniform() -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Double((z ^ (z >> 31)) >> 11) * 0x1p-53
  }

  /// Between 0 and 1, mostly near a half.
  mutating func triangular() -> Double { (uniform() + uniform()) / 2 }
}

/// Micro- and macro-F1 of a model on a set of rows, with what a row less changes them by.
struct Figures {
  static let names = [MetricName.microF1, .macroF1]
  let values: [Double]
  let changes: [[Double]]

  init(_ targets: SparseTargets, _ logits: Matrix<Float>, hasIntervals: Bool) throws {
    let counts = TrainingCounts(rows: 1, positives: Array(repeating: 1, count: logits.columns))
    let half = EvaluationMeasures.Decision(
      .half, thresholds: Thresholds(0.5, labels: logits.columns))
    let state = EvaluationState(
      EvaluationMeasures(
        counts: counts, decisions: [half], intervalRows: hasIntervals ? logits.rows : 0))
    try state.add(
      logits: logits, targets: targets, rowLosses: [], indices: Array(0..<logits.rows))
    let metrics = Dictionary(uniqueKeysWithValues: state.metrics().map { ($0.name, $0.value) })
    let changes = state.jackknifeChanges
    values = Self.names.map { metrics[$0] ?? .nan }
    self.changes = Self.names.map { changes[$0] ?? [] }
  }
}

func report(rows: Int, labels: Int, labelsPerRow: Double, sets: Int) throws {
  var random = SystemSeed(state: UInt64(rows))
  let world = World(rows: rows, labels: labels, labelsPerRow: labelsPerRow, &random)
  var truth = [Double](repeating: 0, count: 4)
  for _ in 0..<4 * sets {
    let (targets, logits) = world.draw(&random)
    let models = try logits.map { try Figures(targets, $0, hasIntervals: false).values }
    for metric in 0..<2 {
      truth[metric] += models[0][metric]
      truth[2 + metric] += models[1][metric] - models[0][metric]
    }
  }
  truth = truth.map { $0 / Double(4 * sets) }
  var held = [0, 0, 0, 0]
  var width = [Double](repeating: 0, count: 4)
  for _ in 0..<sets {
    let (targets, logits) = world.draw(&random)
    let models = try logits.map { try Figures(targets, $0, hasIntervals: true) }
    for metric in 0..<2 {
      let (a, b) = (models[0].changes[metric], models[1].changes[metric])
      let intervals = [
        ConfidenceInterval(models[0].values[metric], changes: a),
        ConfidenceInterval(
          models[1].values[metric] - models[0].values[metric], changes: zip(b, a).map { $0 - $1 }),
      ]
      for (kind, interval) in intervals.enumerated() {
        guard let interval else { continue }
        let place = 2 * kind + metric
        held[place] += interval.low <= truth[place] && truth[place] <= interval.high ? 1 : 0
        width[place] += (interval.high - interval.low) / Double(sets)
      }
    }
  }
  let cells = (0..<4).map {
    String(
      format: "%.1f %% (%.3f ± %.3f)", 100 * Double(held[$0]) / Double(sets), truth[$0],
      width[$0] / 2)
  }
  print("| \(rows) | \(labels) | \(cells.joined(separator: " | ")) |")
}

print("| rows | labels | micro-F1 | macro-F1 | difference of micro-F1 | of macro-F1 |")
print("| --- | --- | --- | --- | --- | --- |")
for (rows, labels, perRow) in [(300, 500, 5.0), (500, 200, 3), (1_000, 100, 1), (2_000, 1_000, 5)] {
  try report(rows: rows, labels: labels, labelsPerRow: perRow, sets: 400)
}
