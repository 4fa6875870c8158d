import Foundation
import Objectives
import Testing

private let counts = TrainingCounts(rows: 100, positives: [0, 1, 4, 25, 100])
private let labels = ["a", "b", "c", "d", "e"]

private func weights(_ weighting: PositiveWeighting) throws -> [Double] {
  try weighting.weights(counts: counts, labels: labels).map(Double.init)
}

private func close(_ a: [Double], _ b: [Double]) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= 1e-6 * abs($1) }
}

struct WeightAndBiasTests {
  @Test func schemesFollowTheirFormulas() throws {
    let root = try weights(.init(.scheme("inverse_sqrt", options: [:])))
    #expect(close(root, [175, 175, 87.5, 35, 17.5]))
    let own = try weights(
      .init(.scheme("inverse_sqrt", options: ["temperature": 1, "scale": 2])))
    #expect(close(own, [2, 2, 1, 0.4, 0.2]))
    let ratio = try weights(.init(.scheme("neg_pos", options: [:])))
    #expect(close(ratio, [99, 99, 24, 3, 0.01]))
    let squareRoot = try weights(.init(.scheme("sqrt_neg_pos", options: [:])))
    #expect(close(squareRoot, ratio.map { $0.squareRoot() }))
    #expect(close(try weights(.init(.scheme("none", options: [:]))), [1, 1, 1, 1, 1]))
    #expect(close(try weights(.init(.number(3))), [3, 3, 3, 3, 3]))
  }

  /// Of label c only 24 rows are known, of label d 75.
  @Test func negativesAreThoseOfTheKnownRows() throws {
    let partly = TrainingCounts(
      rows: 100, positives: counts.positives, known: [100, 100, 24, 75, 100])
    func weights(_ scheme: String) throws -> [Double] {
      try PositiveWeighting(.scheme(scheme, options: [:]))
        .weights(counts: partly, labels: labels).map(Double.init)
    }
    #expect(close(try weights("neg_pos"), [99, 99, 5, 2, 0.01]))
    #expect(close(try weights("inverse_sqrt"), [175, 175, 87.5, 35, 17.5]))
    let loss = try LossRegistry.make(
      "bce", counts: partly, positiveWeights: [1, 1, 1, 1, 1])
    let bias = ClassifierBias.prior.values(loss: loss, counts: partly)
    for (label, negatives) in [100, 99, 20, 50, 0].enumerated() {
      let wanted = log((Double(counts.positives[label]) + 0.5) / (Double(negatives) + 0.5))
      #expect(abs(Double(bias[label]) - wanted) < 1e-6)
      #expect(abs(partly.logOdds(label) - wanted) < 1e-12)
    }
  }

  @Test func effectiveNumbersHaveMeanOne() throws {
    let values = try weights(.init(.scheme("effective_number", options: ["beta": 0.9])))
    let raw = [1, 1, 4, 25, 100].map { 0.1 / (1 - pow(0.9, Double($0))) }
    let mean = raw.reduce(0, +) / 5
    #expect(close(values, raw.map { $0 / mean }))
    #expect(abs(values.reduce(0, +) / 5 - 1) < 1e-6)
  }

  @Test func clampsComeLast() throws {
    let values = try weights(
      .init(.scheme("neg_pos", options: [:]), minimum: 0.5, maximum: 20))
    #expect(close(values, [20, 20, 20, 3, 0.5]))
  }

  @Test func aTableMustNameEveryLabelAndNoOther() throws {
    let full = ["a": 1.0, "b": 2, "c": 3, "d": 4, "e": 5]
    #expect(close(try weights(.init(.table(full))), [1, 2, 3, 4, 5]))
    #expect(throws: ObjectiveError.missingWeights(first: ["b"], count: 1)) {
      try weights(.init(.table(full.filter { $0.key != "b" })))
    }
    #expect(throws: ObjectiveError.unknownWeights(first: ["f"], count: 1)) {
      try weights(.init(.table(full.merging(["f": 1]) { $1 })))
    }
    #expect(throws: ObjectiveError.invalidWeight(label: "c", value: 0)) {
      try weights(.init(.table(full.merging(["c": 0]) { $1 })))
    }
    #expect(throws: ObjectiveError.self) { try weights(.init(.table(["a": .nan]))) }
  }

  @Test func mistakesInTheWeightsAreNamed() {
    #expect(throws: ObjectiveError.self) { try weights(.init(.number(-1))) }
    #expect(throws: ObjectiveError.self) { try weights(.init(.scheme("inverse", options: [:]))) }
    #expect(throws: ObjectiveError.clampsCross(minimum: 2, maximum: 1)) {
      try weights(.init(.number(1), minimum: 2, maximum: 1))
    }
    #expect(throws: ObjectiveError.self) {
      try weights(.init(.scheme("inverse_sqrt", options: ["temperature": 0])))
    }
  }

  @Test func priorOfTheWeightedCrossEntropyIsTheWeightedLogOdds() throws {
    let weights: [Float] = [1, 175, 87.5, 35, 1e4]
    let loss = try LossRegistry.make("bce", counts: counts, positiveWeights: weights)
    let bias = ClassifierBias.prior.values(loss: loss, counts: counts)
    for label in 0..<5 {
      let positives = Double(counts.positives[label])
      let expected = log(Double(weights[label]) * (positives + 0.5) / (100.5 - positives))
      #expect(abs(Double(bias[label]) - expected) < 1e-6)
    }
    #expect(ClassifierBias.zero.values(loss: loss, counts: counts) == [0, 0, 0, 0, 0])
  }

  @Test(arguments: lossCases.indices)
  func priorOfEveryLossIsWhereItsGradientVanishes(index: Int) throws {
    let loss = try LossRegistry.make(
      lossCases[index].name, options: lossCases[index].options, counts: counts,
      positiveWeights: Array(repeating: 5, count: 5))
    let bias = ClassifierBias.prior.values(loss: loss, counts: counts)
    for label in 0..<5 {
      func slope(_ x: Double) -> Double {
        let positives = Double(counts.positives[label])
        let factor = loss.typicalRowFactor(label: label, hasLabel: true)
        let other = loss.typicalRowFactor(label: label, hasLabel: false)
        return (positives + 0.5) * 5
          * loss.positive(x, label: label, rowFactor: factor).derivative
          + (100.5 - positives) * loss.negative(x, label: label, rowFactor: other).derivative
      }
      let x = Double(bias[label])
      // A clipped loss bounds the price of a false positive: no minimum for the last label.
      if lossCases[index].options["gamma_neg"] == 0, label == 4 {
        #expect(abs(x - 20) < 1e-6)
        continue
      }
      #expect(slope(x - 1e-4) < 0 && slope(x + 1e-4) > 0, "\(lossCases[index]) label \(label)")
    }
  }
}
