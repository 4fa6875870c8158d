// A mean over a row's tokens for each label, by weights that are a softmax of the label's scores.

import Foundation
import Kernels
import Memory
import Testing

struct LabelAttentionTests {
  /// Blocks of labels around the vector length.
  static let labels = [1, 15, 16, 17, 40]

  private static let lengths = [3, 1, 65, 17, 2]

  private struct Case {
    let rows = raggedRows(LabelAttentionTests.lengths)
    let labels: Int
    let scores: [Float]
    let values: [Float]
    /// Of the means.
    let upstream: [Float]

    init(labels: Int, deviation: Double = 2, mean: Double = 0) {
      var random = RandomValues(seed: labels)
      self.labels = labels
      scores = random.normal(rows.tokenCount * labels, mean: mean, deviation: deviation)
      values = random.normal(rows.tokenCount * labels)
      upstream = random.normal(rows.count * labels)
    }

    var twin: ScalarLabelAttention { twin(scores.doubles, values.doubles) }

    func twin(_ scores: [Double], _ values: [Double]) -> ScalarLabelAttention {
      ScalarLabelAttention(scores, values, rows, labels)
    }

    /// Both passes; the backward pass leaves its gradients in the places of scores and values.
    func run(_ memory: GuardedMemory) {
      let scores = memory.changing("scores", scores, rows.tokenCount, labels)
      let values = memory.changing("values", values, rows.tokenCount, labels)
      let statistics = LabelAttentionStatistics(
        largest: memory.output("largest", rows.count, labels),
        scales: memory.output("scales", rows.count, labels),
        means: memory.output("means", rows.count, labels))
      labelAttentionForward(scores: scores, values: values, rows: rows, statistics: statistics)
      labelAttentionBackward(
        scores: MixedPrecisionMatrix(scores, .float32),
        values: MixedPrecisionMatrix(values, .float32), rows: rows, statistics: statistics,
        gradients: memory.constant(upstream, rows.count, labels))
    }
  }

  @Test(arguments: labels)
  func bothPassesAreThoseOfTheScalarTwin(labels: Int) {
    let example = Case(labels: labels)
    let (twin, gradients) = (example.twin, example.twin.gradients(example.upstream.doubles))
    verify(
      "label attention × \(labels)",
      [
        "largest": twin.largest, "scales": twin.scales, "means": twin.means,
        "scores": gradients.scores, "values": gradients.values,
      ], within: .attention
    ) { example.run($0) }
  }

  @Test func theTwinsGradientsAreThoseOfFiniteDifferences() {
    let example = Case(labels: 3)
    let (scores, values) = (example.scores.doubles, example.values.doubles)
    let upstream = example.upstream.doubles
    let gradients = example.twin.gradients(upstream)
    let ofScores = numericalGradient(at: scores) { inner(example.twin($0, values).means, upstream) }
    let ofValues = numericalGradient(at: values) { inner(example.twin(scores, $0).means, upstream) }
    expectClose(gradients.scores.map(Float.init), ofScores, within: .finiteDifference, "scores")
    expectClose(gradients.values.map(Float.init), ofValues, within: .finiteDifference, "values")
  }

  /// e^(score − largest) is at most 1, however large scores are; the error is that
  /// of their difference.
  @Test func scoresOfAnySizeGiveFiniteResults() {
    for size in [1e3, 1e6, 1e30, 3e38] {
      let example = Case(labels: 17, deviation: size / 20, mean: size * 0.7)
      let memory = GuardedMemory(.tight)
      example.run(memory)
      for (name, values) in memory.written {
        #expect(values.allSatisfy { $0.isFinite }, "\(name) of scores of \(size)")
      }
      let largest = example.values.map(abs).max() ?? 0
      let greatestMean = memory.written["means"]?.map(abs).max() ?? .nan
      #expect(greatestMean <= largest, "means of scores of \(size)")
    }
  }

  @Test func aScoreThatIsNoNumberShowsInTheResult() {
    for wrong in [Float.nan, .infinity] {
      let rows = raggedRows([4])
      let scores = Matrix<Float>([0, 1, wrong, 2], rows: 4, columns: 1)
      let statistics = LabelAttentionStatistics(
        largest: Matrix(zeros: 1, 1), scales: Matrix(zeros: 1, 1), means: Matrix(zeros: 1, 1))
      labelAttentionForward(
        scores: scores, values: Matrix(zeros: 4, 1), rows: rows, statistics: statistics)
      #expect(statistics.means[0, 0].isNaN)
    }
  }

  @Test(arguments: labels)
  func equalScoresGiveTheMean(labels: Int) {
    let example = Case(labels: labels, deviation: 0, mean: 3)
    let memory = GuardedMemory(.tight)
    example.run(memory)
    let expected = example.rows.offsets.dropLast().indices.flatMap { row in
      let tokens = example.rows.offsets[row]..<example.rows.offsets[row + 1]
      return (0..<labels).map { label in
        tokens.reduce(0) { $0 + Double(example.values[$1 * labels + label]) } / Double(tokens.count)
      }
    }
    expectClose(memory.written["means"] ?? [], expected, within: .sum(of: 65), "means")
  }

  /// What products read of the gradients in bfloat16 is the single-precision
  /// gradient, rounded once.
  @Test func gradientsForBFloat16ProductsAreRoundedOnce() {
    let example = Case(labels: 40)
    let memory = GuardedMemory(.tight)
    example.run(memory)
    let (tokens, labels) = (example.rows.tokenCount, example.labels)
    let workspace = Workspace(capacity: 1 << 20)
    func matrix(_ values: [Float]) -> MixedPrecisionMatrix {
      let matrix = MixedPrecisionMatrix(.bfloat16, tokens, labels, in: workspace)
      matrix.values.vector.copy(from: values)
      return matrix
    }
    let (scores, values) = (matrix(example.scores), matrix(example.values))
    let statistics = LabelAttentionStatistics(
      rows: example.rows.count, labels: labels, in: workspace)
    labelAttentionForward(
      scores: scores.values, values: values.values, rows: example.rows, statistics: statistics)
    labelAttentionBackward(
      scores: scores, values: values, rows: example.rows, statistics: statistics,
      gradients: Matrix(example.upstream, rows: example.rows.count, columns: labels))
    for (found, name) in [(scores, "scores"), (values, "values")] {
      guard case .bfloat16(let rounded) = found.operand else {
        Issue.record()
        continue
      }
      let wanted = (memory.written[name] ?? []).map { BFloat16($0).bitPattern }
      #expect(rounded.array.map(\.bitPattern) == wanted, "\(name)")
    }
  }

  @Test(arguments: widths)
  func rowDropoutGivesEachTokenTheMaskOfItsRowsVector(width: Int) {
    let rows = raggedRows(Self.lengths)
    let single = RaggedRows(offsets: Array(0...rows.count), keys: rows.keys)
    var random = RandomValues(seed: width)
    let values = random.normal(rows.tokenCount * width)
    let mask = Matrix<Float>(
      [Float](repeating: 1, count: rows.count * width), rows: rows.count, columns: width)
    applyDropout(someDropout, to: mask, rows: single)
    let expected = (0..<rows.count).flatMap { row in
      (rows.offsets[row]..<rows.offsets[row + 1]).flatMap { token in
        (0..<width).map { Double(values[token * width + $0] * mask[row, $0]) }
      }
    }
    verify("applyRowDropout × \(width)", ["values": expected], within: .exact) {
      applyRowDropout(
        someDropout, to: $0.changing("values", values, rows.tokenCount, width), rows: rows)
    }
  }
}
