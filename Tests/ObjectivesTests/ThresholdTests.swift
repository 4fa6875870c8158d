import Memory
import Objectives
import Testing

private func histogram(
  _ logits: [[Float]], _ targets: [[Int32]], _ counts: TrainingCounts? = nil,
  unknown: [[Int32]] = []
) throws -> ScoreHistogram {
  let counts =
    counts ?? TrainingCounts(rows: 1, positives: Array(repeating: 0, count: logits[0].count))
  let state = EvaluationState(EvaluationMeasures(counts: counts, topK: [1]))
  try state.add(
    logits: matrix(logits), targets: SparseTargets(rows: targets, unknown: unknown), rowLosses: [],
    indices: Array(0..<logits.count))
  return try #require(state.histogram)
}

private func decide(
  _ logits: [[Float]], _ targets: [[Int32]], _ thresholds: Thresholds
) throws -> (micro: Double, macro: Double, labels: [Double]) {
  let counts = DecisionsOf(logits, targets, thresholds)
  return try counts.f1()
}

/// F1 counted entry by entry, the naive way.
private struct DecisionsOf {
  var decided: [Int]
  var hits: [Int]
  var support: [Int]

  init(_ logits: [[Float]], _ targets: [[Int32]], _ thresholds: Thresholds) {
    let zeros = Array(repeating: 0, count: thresholds.labels)
    (decided, hits, support) = (zeros, zeros, zeros)
    for (row, positives) in zip(logits, targets) {
      for label in row.indices {
        let isTrue = positives.contains(Int32(label))
        let says = thresholds.decides(row[label], label: label)
        decided[label] += says ? 1 : 0
        support[label] += isTrue ? 1 : 0
        hits[label] += says && isTrue ? 1 : 0
      }
    }
  }

  func f1() throws -> (micro: Double, macro: Double, labels: [Double]) {
    func score(_ hits: Int, _ total: Int) -> Double {
      total == 0 ? 0 : 2 * Double(hits) / Double(total)
    }
    let labels = decided.indices.map { score(hits[$0], decided[$0] + support[$0]) }
    let micro = score(hits.reduce(0, +), decided.reduce(0, +) + support.reduce(0, +))
    return (micro, labels.reduce(0, +) / Double(labels.count), labels)
  }
}

/// Labels with a long tail: the score tells the truth for frequent labels, little for rare ones.
private func longTail(rows: Int, seed: UInt64) -> (logits: [[Float]], targets: [[Int32]]) {
  var generator = TestGenerator(seed: seed)
  var (logits, targets): ([[Float]], [[Int32]]) = ([], [])
  for _ in 0..<rows {
    var (row, positives): ([Float], [Int32]) = ([], [])
    for label in 0..<120 {
      let isTrue = generator.uniform() < 0.3 / Double(label + 1)
      let level = -3.0 - Double(label % 3)
      row.append(Float(level + (isTrue ? 2.5 : 0) + generator.normal(1)))
      if isTrue { positives.append(Int32(label)) }
    }
    logits.append(row)
    targets.append(positives)
  }
  return (logits, targets)
}

struct ThresholdTests {
  @Test(arguments: ["metrics", "masked_metrics"])
  func tuningReachesTheBestF1OfAnyThreshold(name: String) throws {
    let data: MetricFixture = try fixture(name)
    let unknown = data.unknown ?? []
    let histogram = try histogram(data.logits, data.targets, unknown: unknown)
    let global = histogram.globalThreshold()
    // What is at -∞ is decided nowhere.
    let logits = data.logits.enumerated().map { row, logits in
      logits.enumerated().map { label, x in
        !unknown.isEmpty && unknown[row].contains(Int32(label)) ? -Float.infinity : x
      }
    }
    let micro = try decide(
      logits, data.targets, Thresholds(global, labels: histogram.labels)
    ).micro
    #expect(abs(micro - data.bestMicroF1) < 1e-12)
    let each = histogram.naiveLabelThresholds(fallback: global)
    let labels = try decide(logits, data.targets, each).labels
    for (label, best) in data.bestLabelF1.enumerated() {
      #expect(abs(labels[label] - best) < 1e-12, "label \(label)")
    }
    #expect(each.probabilities[0] == global, "label 0 has no positives")
  }

  @Test func probabilitiesLeadBackToTheEdgesTheyCameFrom() {
    for bin in stride(from: -32_768, to: 32_768, by: 37) {
      let edge = Double(bin) / 2048
      #expect(Thresholds([sigmoid(edge)]).logits[0] == Float(edge))
    }
    #expect(Thresholds(0.5, labels: 1).logits[0] == 0)
    #expect(Thresholds([0, 1]).logits == [-.infinity, .infinity])
  }

  @Test func theThresholdStandsInTheMiddleOfTheGap() throws {
    let found = try histogram([[-5], [-4], [3], [4]], [[], [], [0], [0]])
    let threshold = Thresholds(found.globalThreshold(), labels: 1).logits[0]
    #expect(abs(threshold + 0.5) < 0.01)
    let nothing = try histogram([[-5], [4]], [[], []])
    #expect(nothing.globalThreshold() == 0.5)
    #expect(nothing.naiveLabelThresholds(fallback: 0.3).probabilities == [0.3])
    let all = try histogram([[-10], [10]], [[0], [0]])
    #expect(all.globalThreshold() < sigmoid(-10))
  }

  @Test func labelThresholdsGainInBothOnRowsThatTheyWereNotTunedOn() throws {
    let (tuning, test) = (longTail(rows: 600, seed: 1), longTail(rows: 600, seed: 2))
    let histogram = try histogram(tuning.logits, tuning.targets)
    let global = histogram.globalThreshold()
    let (thresholds, _) = histogram.labelThresholds()
    let naive = histogram.naiveLabelThresholds(fallback: global)
    let atHalf = try decide(test.logits, test.targets, Thresholds(0.5, labels: 120))
    let atGlobal = try decide(test.logits, test.targets, Thresholds(global, labels: 120))
    let atNaive = try decide(test.logits, test.targets, naive)
    let atTuned = try decide(test.logits, test.targets, thresholds)
    #expect(atTuned.micro > atHalf.micro && atTuned.macro > atHalf.macro)
    #expect(atTuned.micro > atNaive.micro)
    #expect(atTuned.micro * atTuned.macro > atGlobal.micro * atGlobal.macro)
  }

  /// Scores that know the truth, but for a scale and an offset: 2·η + 1 of rows that have a label
  /// with probability σ(η); the rarer the label, the less they know. The best threshold of a label
  /// then depends on its frequency alone, which all rows tell, and the three of them that have the
  /// label do not.
  @Test func thresholdsOfRareLabelsComeFromLabelsAsFrequent() throws {
    func rows(_ count: Int, seed: UInt64) -> (logits: [[Float]], targets: [[Int32]]) {
      var generator = TestGenerator(seed: seed)
      var (logits, targets): ([[Float]], [[Int32]]) = ([], [])
      for _ in 0..<count {
        let truth = (0..<200).map { label in
          let (mean, deviation) = (-2 - 0.02 * Double(label), 3 - 0.01 * Double(label))
          return mean + deviation * generator.normal(1)
        }
        logits.append(truth.map { Float(2 * $0 + 1) })
        let labels = (0..<200).filter { generator.uniform() < sigmoid(truth[$0]) }
        targets.append(labels.map(Int32.init))
      }
      return (logits, targets)
    }
    let (tuning, test) = (rows(800, seed: 5), rows(2_000, seed: 6))
    var positives = Array(repeating: 0, count: 200)
    for label in rows(8_000, seed: 7).targets.joined() { positives[Int(label)] += 1 }
    let histogram = try histogram(
      tuning.logits, tuning.targets, TrainingCounts(rows: 8_000, positives: positives))
    let global = histogram.globalThreshold()
    let atGlobal = try decide(test.logits, test.targets, Thresholds(global, labels: 200))
    let atNaive = try decide(
      test.logits, test.targets, histogram.naiveLabelThresholds(fallback: global))
    let (thresholds, freedom) = histogram.labelThresholds()
    let atTuned = try decide(test.logits, test.targets, thresholds)
    #expect(atTuned.macro > atGlobal.macro && atTuned.macro > atNaive.macro)
    #expect(atTuned.micro > atNaive.micro)
    #expect(freedom != .none && freedom != .share(0))
  }

  @Test func theHistogramKnowsItsDecisionsWithoutASecondPass() throws {
    let (logits, targets) = longTail(rows: 300, seed: 8)
    let histogram = try histogram(logits, targets)
    let global = histogram.globalThreshold(onLabelEdges: true)
    let fine = Thresholds(histogram.globalThreshold(), labels: 120)
    #expect(abs(Thresholds(global, labels: 1).logits[0] - fine.logits[0]) < 0.5)
    for thresholds in [
      Thresholds(global, labels: 120), Thresholds(0.5, labels: 120),
      histogram.naiveLabelThresholds(fallback: global), histogram.labelThresholds().thresholds,
    ] {
      let counted = DecisionsOf(logits, targets, thresholds)
      let known = histogram.decisions(by: thresholds)
      #expect(known.known == Array(repeating: 300, count: 120))
      #expect(known.predicted == counted.decided)
      #expect(known.truePositives == counted.hits && known.support == counted.support)
    }
  }

  @Test func manyLabelsTakeBoundedMemory() {
    func counts(_ labels: Int) -> TrainingCounts {
      TrainingCounts(rows: 1, positives: Array(repeating: 0, count: labels))
    }
    let large = ScoreHistogram(counts(100_000))
    #expect(large.folds == 2 && large.bins == 128)
    #expect(ScoreHistogram(counts(1500)).bins == 512)
  }
}
