// Compares ways of choosing thresholds on scores that some other program has computed
// (linear_scores.py): all are tuned on validation, none sees test.
//
//     threshold-comparison scores.safetensors

import Foundation
import Memory
import Objectives
import Storage

/// Logits and true labels of one part of the data.
struct Scores {
  let logits: Matrix<Float>
  let targets: SparseTargets

  init(_ file: SafetensorsFile, _ part: String) throws {
    let shape = file.tensor("\(part).logits")?.shape ?? [0, 0]
    logits = Matrix(zeros: shape[0], shape[1])
    try file.copy("\(part).logits", into: logits.vector)
    targets = SparseTargets(
      offsets: try Self.integers(file, "\(part).label_offsets"),
      labels: try Self.integers(file, "\(part).labels").map(Int32.init))
  }

  static func integers(_ file: SafetensorsFile, _ name: String) throws -> [Int] {
    let values = Vector<Int64>(zeros: file.tensor(name)?.count ?? 0)
    try file.copyExactly(name, into: values)
    return values.array.map(Int.init)
  }

  /// What the rows add up to.
  func state(_ measures: EvaluationMeasures) throws -> EvaluationState {
    let state = EvaluationState(measures)
    try state.add(
      logits: logits, targets: targets, rowLosses: [], indices: Array(0..<logits.rows))
    return state
  }
}

func run(_ path: String) throws {
  let file = try SafetensorsFile(path: path)
  let (validation, test) = (try Scores(file, "validation"), try Scores(file, "test"))
  let positives = try Scores.integers(file, "training_positives")
  let counts = TrainingCounts(rows: positives.reduce(0, +), positives: positives)
  let first = try validation.state(EvaluationMeasures(counts: counts, topK: [1]))
  guard let histogram = first.histogram else { return }
  let labels = counts.labels
  let global = histogram.globalThreshold()
  let start = ContinuousClock.now
  let (perLabel, freedom) = histogram.labelThresholds()
  let time = ContinuousClock.now - start
  typealias Decision = EvaluationMeasures.Decision
  let known: [(String, Decision, Decision)] = [
    (
      "0.5", Decision(.half, thresholds: Thresholds(0.5, labels: labels)),
      Decision(.half, thresholds: Thresholds(0.5, labels: labels))
    ),
    (
      "global", Decision(.global, thresholds: Thresholds(global, labels: labels)),
      Decision(.global, crossFitted: histogram.crossFittedGlobalThresholds())
    ),
    (
      "per label", Decision(.perLabel, thresholds: perLabel),
      Decision(.perLabel, crossFitted: histogram.crossFittedLabelThresholds())
    ),
    (
      "per label, naive",
      Decision(.saved, thresholds: histogram.naiveLabelThresholds(fallback: global)),
      Decision(.saved, thresholds: histogram.naiveLabelThresholds(fallback: global))
    ),
  ]
  var times: [Duration] = []
  for rows in [0, test.logits.rows] {
    let start = ContinuousClock.now
    let state = try test.state(
      EvaluationMeasures(counts: counts, decisions: known.map(\.1), intervalRows: rows))
    _ = state.metrics()
    times.append(ContinuousClock.now - start)
  }
  print("counting the test rows: \(times[0]); with confidence intervals: \(times[1])")
  let onTest = try test.state(EvaluationMeasures(counts: counts, decisions: known.map(\.1)))
  let onValidation = try validation.state(
    EvaluationMeasures(counts: counts, decisions: known.map(\.2)))
  print("\(freedom), found in \(time)")
  for (part, state) in [("validation, cross-fitted", onValidation), ("test", onTest)] {
    let metrics = Dictionary(uniqueKeysWithValues: state.metrics().map { ($0.name, $0.value) })
    for (name, decision, _) in known {
      let figures = ["micro_f1", "macro_f1", "frequent_f1", "medium_f1", "rare_f1"].map {
        "\($0) " + String(format: "%.4f", metrics[MetricName($0, by: decision.kind)] ?? .nan)
      }
      print("\(part): \(name): \(figures.joined(separator: "  "))")
    }
  }
}

guard let path = CommandLine.arguments.dropFirst().first else {
  print("usage: threshold-comparison scores.safetensors")
  exit(64)
}
try run(path)
