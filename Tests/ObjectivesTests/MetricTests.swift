import Memory
import Objectives
import Testing

/// Sums are exact; what is left is the rounding of a few divisions, far below the promised 1e-6.
private let tolerance = 1e-9

private func state(_ data: MetricFixture, _ settings: EvaluationMeasures) throws -> EvaluationState
{
  let state = EvaluationState(settings)
  try state.add(
    logits: matrix(data.logits),
    targets: SparseTargets(rows: data.targets, unknown: data.unknown ?? []), rowLosses: [],
    indices: Array(0..<data.logits.count))
  return state
}

private func compare(
  _ metrics: [Metric], _ expected: [String: Double], by kind: ThresholdKind = .half
) {
  for (name, value) in expected {
    let found = metrics.first { $0.name == MetricName(parsing: name).by(kind) }
    #expect(found != nil, "\(name)")
    #expect(abs((found?.value ?? .nan) - value) < tolerance, "\(name) \(value)")
  }
}

struct MetricTests {
  @Test(arguments: ["metrics", "masked_metrics"])
  func figuresEqualScikitLearn(name: String) throws {
    let data: MetricFixture = try fixture(name)
    let counts = TrainingCounts(rows: data.trainingRows, positives: data.counts)
    let first = try state(data, EvaluationMeasures(counts: counts, topK: data.topK))
    compare(first.metrics(), data.atHalf)
    compare(first.metrics(), data.ranking)
    #expect(data.atHalf.count == 15 && data.ranking.count == 20)
    // The logits are rounded to the middle of bins of 2^-11.
    for (name, value) in data.probabilities {
      let found = first.metrics().first { $0.name == MetricName(parsing: name) }
      #expect(abs((found?.value ?? .nan) - value) < 1e-4, "\(name) \(value)")
    }
    #expect(data.probabilities.count == 2)
    let second = try state(
      data,
      EvaluationMeasures(
        counts: counts,
        decisions: [.init(.global, thresholds: Thresholds(data.thresholds))]))
    compare(second.metrics(), data.atThresholds, by: .global)
  }

  /// The integers that are summed over ranks.
  private func parts(of state: EvaluationState) -> [[Int64]] {
    var parts: [[Int64]] = []
    state.merge { parts.append($0.array) }
    return parts
  }

  @Test(arguments: [1, 2, 4])
  func shardsMergeToTheSameBits(ranks: Int) throws {
    var generator = TestGenerator(seed: 3)
    let (logits, positives) = generator.rows(101, labels: 83, density: 0.06)
    let unknown = positives.enumerated().map { index, row in
      (0..<Int32(83)).filter { !row.contains($0) && index % 3 == 0 && generator.uniform() < 0.5 }
    }
    let counts = TrainingCounts(rows: 400, positives: (0..<83).map { $0 * 4 })
    var settings = EvaluationMeasures(counts: counts, topK: [1, 3, 100])
    let losses = (0..<101).map { _ in generator.uniform() * 40 }
    let whole = EvaluationState(settings)
    try whole.add(
      logits: matrix(logits), targets: SparseTargets(rows: positives, unknown: unknown),
      rowLosses: losses, indices: Array(0..<101))
    var sums = parts(of: EvaluationState(settings))
    for rank in 0..<ranks {
      let shard = EvaluationState(settings)
      for row in (0..<101).reversed() where row % ranks == rank {
        try shard.add(
          logits: matrix([logits[row]]),
          targets: SparseTargets(rows: [positives[row]], unknown: [unknown[row]]),
          rowLosses: [losses[row]], indices: [row])
      }
      let parts = parts(of: shard)
      try #require(parts.map(\.count) == sums.map(\.count))
      sums = zip(sums, parts).map { zip($0, $1).map(+) }
    }
    let merged = EvaluationState(settings)
    var place = 0
    merged.merge { integers in
      integers.copy(from: Vector(sums[place]))
      place += 1
    }
    #expect(place == sums.count)
    #expect(parts(of: merged) == parts(of: whole))
    #expect(merged.metrics() == whole.metrics())
    #expect(whole.metrics().first?.name == .loss)
    let mean = losses.reduce(0, +) / Double(101 * 83 - unknown.joined().count)
    #expect(abs(whole.metrics()[0].value - mean) < 1e-12)
    #expect(
      merged.histogram?.labelThresholds().thresholds
        == whole.histogram?.labelThresholds().thresholds)
  }

  @Test func rowsWithoutLabelsAndLabelsWithoutRowsCountAsZero() throws {
    let counts = TrainingCounts(rows: 4, positives: [0, 0, 0])
    let empty = EvaluationState(EvaluationMeasures(counts: counts, topK: [1, 5]))
    #expect(empty.metrics().allSatisfy { $0.value.isFinite })
    try empty.add(
      logits: matrix([[-1, -2, -3]]), targets: SparseTargets(rows: [[]]), rowLosses: [1],
      indices: [0])
    let metrics = Dictionary(uniqueKeysWithValues: empty.metrics().map { ($0.name, $0.value) })
    #expect(metrics["micro_f1"] == 0 && metrics["samples_f1"] == 0)
    #expect(metrics["subset_accuracy"] == 1 && metrics["hamming_accuracy"] == 1)
    #expect(metrics["label_ranking_average_precision"] == 1)
    #expect(metrics["coverage_error"] == 0 && metrics["ndcg_at_5"] == 0)
  }

  @Test func everythingTrueAndFoundIsPerfect() throws {
    let counts = TrainingCounts(rows: 300, positives: [300, 20, 1])
    let state = EvaluationState(EvaluationMeasures(counts: counts, topK: [1, 3]))
    try state.add(
      logits: matrix([[1, 2, 3], [1, 2, 3]]),
      targets: SparseTargets(rows: [[0, 1, 2], [0, 1, 2]]),
      rowLosses: [0, 0], indices: [0, 1])
    let ofProbabilities: [MetricName] = ["brier_score_loss", "expected_calibration_error"]
    for metric in state.metrics() where !([.loss] + ofProbabilities).contains(metric.name) {
      // R@1 can only be a third, so F1@1 a half, and all three labels have to be gone through.
      let special: [MetricName: Double] = [
        "recall_at_1": 1 / 3, "f1_at_1": 1 / 2, "coverage_error": 3,
      ]
      let expected = special[metric.name] ?? 1
      #expect(abs(metric.value - expected) < 1e-12, "\(metric)")
    }
    let groups: [MetricName] = ["frequent_f1", "medium_f1", "rare_f1"]
    #expect(groups.allSatisfy { name in state.metrics().contains { $0.name == name } })
  }

  @Test func equalLogitsRankByLabel() throws {
    let counts = TrainingCounts(rows: 10, positives: Array(repeating: 1, count: 40))
    for (label, expected) in [(Int32(0), 1.0), (1, 0), (39, 0)] {
      let state = EvaluationState(EvaluationMeasures(counts: counts, topK: [1]))
      try state.add(
        logits: matrix([Array(repeating: 0.5, count: 40)]),
        targets: SparseTargets(rows: [[label]]), rowLosses: [], indices: [0])
      #expect(state.metrics().first { $0.name == "precision_at_1" }?.value == expected)
    }
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func logitsThatAreNotFiniteAreAnError(value: Float) {
    for place in [0, 16, 17] {
      var row = [Float](repeating: 0, count: 18)
      row[place] = value
      let counts = TrainingCounts(rows: 1, positives: Array(repeating: 0, count: 18))
      let state = EvaluationState(EvaluationMeasures(counts: counts, topK: [1]))
      #expect {
        try state.add(
          logits: matrix([row]), targets: SparseTargets(rows: [[]]), rowLosses: [], indices: [7])
      } throws: { error in
        guard case .nonFiniteLogit(7, place, _) = error as? ObjectiveError else { return false }
        return true
      }
    }
  }

  @Test func sumsAreExactInAnyOrder() {
    var generator = TestGenerator(seed: 9)
    let terms = (0..<500).map { _ in generator.normal(1) * 1e3 } + [1e15, -1e15, 3e-9]
    var (forward, backward) = (ExactSum(), ExactSum())
    for term in terms { forward.add(term) }
    for term in terms.reversed() { backward.add(term) }
    #expect(forward == backward)
    #expect(abs(forward.value - terms.dropLast(3).reduce(0, +) - 3e-9) < 1e-9)
    var merged = ExactSum()
    merged.add(-0.75)
    backward = ExactSum()
    backward.add(0.5)
    merged.merge(backward)
    #expect(merged.value == -0.25)
    merged.add(.nan)
    #expect(merged.value.isNaN)
  }

  @Test(arguments: [0x1p54, 0x1p61, .infinity]) func aSumTooLargeHasNoValueHoweverItIsDivided(
    term: Double
  ) {
    var whole = ExactSum()
    for _ in 0..<64 { whole.add(term) }
    #expect(whole.value.isNaN)
    var parts = ExactSum()
    for _ in 0..<64 {
      var part = ExactSum()
      part.add(term)
      parts.merge(part)
    }
    #expect(parts.value.isNaN)
  }

  @Test func whatAModelSaysOfUnknownCellsChangesNoFigure() throws {
    var generator = TestGenerator(seed: 12)
    let (logits, positives) = generator.rows(60, labels: 30, density: 0.1)
    let unknown = positives.map { row in
      (0..<Int32(30)).filter { !row.contains($0) && generator.uniform() < 0.5 }
    }
    let other = logits.enumerated().map { row, logits in
      logits.enumerated().map { unknown[row].contains(Int32($0)) ? -$1 * 3 : $1 }
    }
    let counts = TrainingCounts(rows: 100, positives: (0..<30).map { $0 * 3 })
    var settings = EvaluationMeasures(counts: counts, topK: [1, 5, 40], intervalRows: logits.count)
    settings.decisions.append(.init(.saved, thresholds: Thresholds(0.2, labels: 30)))
    let states = try [logits, other].map { logits in
      let state = EvaluationState(settings)
      try state.add(
        logits: matrix(logits), targets: SparseTargets(rows: positives, unknown: unknown),
        rowLosses: [], indices: Array(0..<60))
      return state
    }
    #expect(states[0].metrics() == states[1].metrics())
    #expect(states[0].jackknifeChanges == states[1].jackknifeChanges)
    #expect(
      states[0].histogram?.labelThresholds().thresholds
        == states[1].histogram?.labelThresholds().thresholds)
    #expect(
      states[0].decisions[0].byLabel.known
        == (0..<30).map { label in 60 - unknown.count { $0.contains(label) } })
  }
}
