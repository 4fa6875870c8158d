import Memory
import Objectives
import Testing

struct CrossFittingTests {
  private func state(
    _ logits: [[Float]], _ targets: [[Int32]], decisions: [EvaluationMeasures.Decision] = []
  ) throws -> EvaluationState {
    let counts = TrainingCounts(rows: 1, positives: Array(repeating: 0, count: logits[0].count))
    let measures =
      decisions.isEmpty
      ? EvaluationMeasures(counts: counts, topK: [1])
      : EvaluationMeasures(counts: counts, decisions: decisions)
    let state = EvaluationState(measures)
    try state.add(
      logits: matrix(logits), targets: SparseTargets(rows: targets), rowLosses: [],
      indices: Array(logits.indices))
    return state
  }

  private func sample() -> (logits: [[Float]], targets: [[Int32]]) {
    var generator = TestGenerator(seed: 4)
    let (noise, targets) = generator.rows(200, labels: 12, density: 0.2)
    let logits = zip(noise, targets).map { row, positives in
      row.enumerated().map { $1 - 2 + (positives.contains(Int32($0)) ? 2 : 0) }
    }
    return (logits, targets)
  }

  @Test func theRowsOfAFoldDoNotChangeItsOwnThresholds() throws {
    let (logits, targets) = sample()
    let before = try #require(try state(logits, targets).histogram)
    var changed = targets
    for row in stride(from: 1, to: 200, by: before.folds) {
      changed[row] = (0..<12).map(Int32.init)
    }
    let after = try #require(try state(logits, changed).histogram)
    for tuned in [
      { (scores: ScoreHistogram) in scores.crossFittedGlobalThresholds() },
      { $0.crossFittedLabelThresholds() },
    ] {
      #expect(tuned(before)[1] == tuned(after)[1])
      #expect(tuned(before)[0] != tuned(after)[0], "the other folds do")
    }
  }

  @Test func eachRowIsDecidedByTheThresholdsOfItsFold() throws {
    let logits: [[Float]] = [[0], [0], [0], [0], [0], [0]]
    let targets: [[Int32]] = [[0], [0], [], [], [0], []]
    let folds = [0.4, 0.6, 0.4, 0.6].map { Thresholds([$0]) }
    let state = try state(
      logits, targets, decisions: [.init(.perLabel, crossFitted: folds)])
    // Rows 0, 2 and 4 are decided to have the label.
    #expect(state.decisions[0].byLabel.predicted == [3])
    #expect(state.decisions[0].byLabel.truePositives == [2])
  }
}
