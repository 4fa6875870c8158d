// The training of a linear part against its formulas: gradients by finite differences of the loss
// with its regularization, and whole steps against w ← (1 − ηλ)·w − η·g in double precision.

import Collectives
import Configuration
import Data
import Foundation
import Memory
import Models
import Objectives
import Testing
import Training

/// Six rows in two microbatches, nine features, 70 labels: two blocks, the second not full. Row 3
/// has no feature, feature 8 no row, row 5 no label.
private struct LinearExample {
  static let labels = 70
  static let features = 9
  static let rows: [[(feature: Int, value: Float)]] = [
    [(0, 0.6), (2, 0.8)], [(1, 0.5), (2, 0.5), (3, 0.5), (7, 0.5)], [(4, 1)], [],
    [(0, 0.28), (5, 0.96)], [(2, 0.8), (6, 0.6)],
  ]
  static let microbatches = [[0, 1, 2, 3], [4, 5]]
  static let targets: [[Int]] = [[0, 63, 64], [1, 69], [64], [5], [0, 2, 63, 69], []]
  static let bias: [Float] = (0..<labels).map { Float($0 % 5) * 0.3 - 1 }
  static let positiveWeights: [Float] = (0..<labels).map { 1 + Float($0 % 3) }

  /// Weights of which a third are zero.
  static let initial: [[Float]] = (0..<features).map { feature in
    (0..<labels).map { label in
      let mixed = (feature * 37 + label * 11) % 23
      return mixed % 3 == 0 ? 0 : Float(mixed - 11) * 0.07
    }
  }

  static func sparse(_ rows: [[(feature: Int, value: Float)]], columns: Int) -> SparseMatrix {
    SparseMatrix(
      offsets: Vector(
        rows.reduce(into: [Int64(0)]) { $0.append($0[$0.count - 1] + Int64($1.count)) }),
      columns: Vector(rows.joined().map { Int32($0.feature) }),
      values: Vector(rows.joined().map(\.value)), columnCount: columns)
  }

  static let counts = TrainingCounts(rows: 6, positives: Array(repeating: 1, count: labels))

  static func loss(_ name: String, _ options: [String: Double] = [:]) throws -> any Loss {
    try LossRegistry.make(
      name, options: options, counts: counts, positiveWeights: positiveWeights)
  }

  static func batch(
    _ rows: [Int], hiding isHidden: (Int, Int) -> Bool = { _, _ in false }
  ) -> Batch {
    let positives = rows.map { row in
      targets[row].filter { !isHidden(row, $0) }.map(Int32.init)
    }
    let unknown = rows.map { row in (0..<labels).filter { isHidden(row, $0) }.map(Int32.init) }
    return Batch(
      tokenIDs: Vector([]), offsets: Array(repeating: 0, count: rows.count + 1), rows: rows,
      labelOffsets: positives.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) },
      labelIndices: Array(positives.joined())
    ).with(unknown: unknown)
  }

  let model: LinearClassifier
  private let step: OptimizationStep<LinearClassifier>
  private var batch = StepBatch(
    ofOneRank: microbatches.map { batch($0) },
    tfidf: sparse(microbatches.joined().map { rows[$0] }, columns: features))

  /// Cells of which nothing is known, where some are: all of row 2, two rows of three of label 63,
  /// and others.
  static func isHidden(_ row: Int, _ label: Int) -> Bool {
    guard !targets[row].contains(label) else { return false }
    return row == 2 || label == 63 && row % 3 != 0 || (row * 5 + label) % 4 == 0
  }

  /// Hides cells, of a row and a label, from training.
  mutating func hide(_ isHidden: @escaping (Int, Int) -> Bool) {
    batch = StepBatch(
      ofOneRank: Self.microbatches.map { Self.batch($0, hiding: isHidden) }, tfidf: batch.tfidf)
  }

  init(
    _ loss: any Loss, rate: Double, regularization: Double, cutoff: Double = 0,
    biasRate: Double = 0, maxGradientNorm: Double = 0
  ) throws {
    model = LinearClassifier(
      LinearPart(
        featureCount: Self.features, labelCount: Self.labels,
        rates: LinearRates(learning: rate, regularization: regularization, cutoff: cutoff)))
    model.setBias(Self.bias)
    model.linear.weights = Self.sparse(
      Self.initial.map { row in
        row.enumerated().filter { $0.element != 0 }.map { ($0.offset, $0.element) }
      }, columns: Self.labels)
    var settings = TrainingSettings()
    settings.batchSize = 6
    settings.microbatches = 2
    settings.classifierLearningRate = biasRate
    settings.weightDecay = 0
    settings.maxGradientNorm = maxGradientNorm
    step = try OptimizationStep(
      model, loss: loss, settings: settings, communicator: try Communicator(),
      workspace: Workspace(capacity: 1 << 16))
  }

  func run(number: Int = 0, factor: Double = 1) throws -> StepOutcome {
    var times = StepTimes()
    return try step.run(
      StepWork(batch, next: .unknown, number: number, factor: factor), times: &times)
  }

  /// The weights, gathered. `[F][L]`
  func weights() throws -> [[Double]] {
    try step.gatherParameters()
    let weights = try #require(model.linear.weights)
    var dense = [[Double]](
      repeating: Array(repeating: 0, count: Self.labels), count: Self.features)
    for feature in 0..<Self.features {
      for place in weights.range(feature) {
        dense[feature][Int(weights.columns[place])] = Double(weights.values[place])
      }
    }
    return dense
  }

  /// The scalar twin of the forward pass.
  static func logits(_ weights: [[Double]]) -> [[Double]] {
    rows.map { row in
      (0..<labels).map { label in
        row.reduce(Double(bias[label])) { $0 + Double($1.value) * weights[$1.feature][label] }
      }
    }
  }

  /// Weighted binary cross-entropy, summed over labels, its mean over rows. A hidden cell has the
  /// weight 0.
  static func crossEntropy(_ weights: [[Double]], hidingCells: Bool = false) -> Double {
    var sum = 0.0
    for (row, logits) in logits(weights).enumerated() {
      for (label, x) in logits.enumerated() where !(hidingCells && isHidden(row, label)) {
        let isPositive = targets[row].contains(label)
        sum += isPositive ? Double(positiveWeights[label]) * log1p(exp(-x)) : log1p(exp(x))
      }
    }
    return sum / Double(rows.count)
  }

  /// The gradient of `crossEntropy`.
  static func gradient(_ weights: [[Double]], hidingCells: Bool = false) -> [[Double]] {
    var sums = [[Double]](repeating: Array(repeating: 0, count: labels), count: features)
    for (row, logits) in logits(weights).enumerated() {
      for (label, x) in logits.enumerated() where !(hidingCells && isHidden(row, label)) {
        let isPositive = targets[row].contains(label)
        let slope =
          isPositive
          ? -Double(positiveWeights[label]) / (1 + exp(x)) : 1 / (1 + exp(-x))
        for (feature, value) in rows[row] {
          sums[feature][label] += slope * Double(value) / Double(rows.count)
        }
      }
    }
    return sums
  }

  static func squares(_ values: [[Double]]) -> Double {
    values.joined().reduce(0) { $0 + $1 * $1 }
  }
}

private func worst(_ a: [[Double]], _ b: [[Double]]) -> Double {
  zip(a.joined(), b.joined()).map { abs($0 - $1) }.max() ?? 0
}

@Suite struct LinearStepTests {
  private let start = LinearExample.initial.map { $0.map(Double.init) }

  /// Logits are a few roundings of values up to 2, and the loss a mean of 70 of their functions.
  @Test func theLossIsThatOfTheModelsLogits() throws {
    let example = try LinearExample(try LinearExample.loss("bce"), rate: 1, regularization: 0.1)
    let outcome = try example.run()
    let wanted = LinearExample.crossEntropy(start) / Double(LinearExample.labels)
    #expect(abs(outcome.figures.loss - wanted) < 1e-6 * wanted)
  }

  /// A step of rate 1 with regularization λ moves w by the gradient of loss + λ/2·‖w‖². Central
  /// differences with step 1e-4 err by 1e-8 times a third derivative below 1; floats of size 1 by
  /// 6e-8, which the sum over rows and the subtraction of two weights take a few times.
  @Test func aStepIsTheGradientOfTheLossWithItsRegularization() throws {
    let lambda = 0.05
    let example = try LinearExample(
      try LinearExample.loss("bce"), rate: 1, regularization: lambda)
    _ = try example.run()
    let moved = try example.weights()
    for feature in 0..<LinearExample.features {
      for label in [0, 1, 2, 31, 62, 63, 64, 69] {
        func objective(_ change: Double) -> Double {
          var weights = start
          weights[feature][label] += change
          return LinearExample.crossEntropy(weights) + lambda / 2 * LinearExample.squares(weights)
        }
        let slope = (objective(1e-4) - objective(-1e-4)) / 2e-4
        let step = start[feature][label] - moved[feature][label]
        #expect(abs(step - slope) < 1e-6, "feature \(feature), label \(label)")
      }
    }
  }

  /// The same of other losses: by differences of the loss itself, whose
  /// logits are floats: the difference of two losses of size 1 has 6e-8 of them and is divided by
  /// 2e-2; its third derivative, below 3, brings 3e-4 · 1/6.
  @Test(arguments: [
    ("focal", [:]), ("squared_hinge", [:]), ("squared_hinge", ["margin": 2]),
    ("asymmetric", ["focusing_gradient": 1]),
  ])
  func theGradientIsThatOfAnyLoss(name: String, options: [String: Double]) throws {
    let loss = try LinearExample.loss(name, options)
    let example = try LinearExample(loss, rate: 1, regularization: 0)
    _ = try example.run()
    let moved = try example.weights()
    let all = LinearExample.batch(Array(LinearExample.rows.indices))
    func objective(_ weights: [[Double]]) -> Double {
      let logits = LinearExample.logits(weights).joined().map { Float($0) }
      return loss.forward(
        logits: Matrix(Array(logits), rows: all.rowCount, columns: LinearExample.labels),
        targets: SparseTargets(offsets: all.labelOffsets, labels: all.labelIndices),
        scratch: Vector(zeros: LinearExample.labels)
      ).reduce(0, +) / Double(all.rowCount)
    }
    for feature in 0..<LinearExample.features {
      for label in [0, 1, 62, 63, 64, 69] {
        var (above, below) = (start, start)
        above[feature][label] += 1e-2
        below[feature][label] -= 1e-2
        let slope = (objective(above) - objective(below)) / 2e-2
        let step = start[feature][label] - moved[feature][label]
        #expect(abs(step - slope) < 1e-3 * max(1, abs(slope)), "feature \(feature), label \(label)")
      }
    }
  }

  /// Weights of size 1 in single precision, of which a step makes some roundings of 6e-8 each, one
  /// of them of the scale; twelve steps' add up. The second rate shrinks weights so fast that the
  /// scale is multiplied into them more than once.
  @Test(arguments: [(0.7, 0.02), (1.5, 0.6), (3, 0)])
  func stepsAreThoseOfPlainGradientDescent(rate: Double, regularization: Double) throws {
    let example = try LinearExample(
      try LinearExample.loss("bce"), rate: rate, regularization: regularization)
    var twin = start
    for number in 0..<12 {
      let factor = number == 0 ? 0 : 1 - Double(number) / 24
      let gradient = LinearExample.gradient(twin)
      let outcome = try example.run(number: number, factor: factor)
      for feature in twin.indices {
        for label in twin[feature].indices {
          twin[feature][label] *= 1 - rate * factor * regularization
          twin[feature][label] -= rate * factor * gradient[feature][label]
        }
      }
      #expect(outcome.figures.gradientNorm.isFinite)
      // Gathering in between changes nothing.
      if number % 5 == 4 { #expect(worst(try example.weights(), twin) < 2e-6, "step \(number)") }
    }
    let final = try example.weights()
    #expect(worst(final, twin) < 2e-6)
    #expect(worst(final, start) > 0.1)
  }

  /// A cell that is unknown is a cell of weight 0: a label's loss is summed over its known rows and
  /// divided by all rows, as scikit-learn's C is for a fit on the known rows alone.
  @Test func unknownCellsAreCellsOfWeightZero() throws {
    var example = try LinearExample(
      try LinearExample.loss("bce"), rate: 0.7, regularization: 0.02)
    example.hide(LinearExample.isHidden)
    let cells = LinearExample.rows.indices.flatMap { row in
      (0..<LinearExample.labels).map { (row, $0) }
    }
    let known = cells.count { !LinearExample.isHidden($0.0, $0.1) }
    #expect(known < cells.count * 3 / 4 && known > cells.count / 2)
    var twin = start
    for number in 0..<6 {
      // The loss that is reported is the mean over the known cells.
      let sum =
        LinearExample.crossEntropy(twin, hidingCells: true) * Double(LinearExample.rows.count)
      let gradient = LinearExample.gradient(twin, hidingCells: true)
      let outcome = try example.run(number: number)
      #expect(abs(outcome.figures.loss / (sum / Double(known)) - 1) < 1e-5)
      for feature in twin.indices {
        for label in twin[feature].indices {
          twin[feature][label] *= 1 - 0.7 * 0.02
          twin[feature][label] -= 0.7 * gradient[feature][label]
        }
      }
    }
    let final = try example.weights()
    #expect(worst(final, twin) < 2e-6)
    #expect(worst(final, start) > 0.1)
  }

  @Test func aStepOfWhichNothingIsKnownLosesNothing() throws {
    var example = try LinearExample(
      try LinearExample.loss("bce"), rate: 1, regularization: 0)
    example.hide { _, _ in true }
    let outcome = try example.run()
    #expect(outcome.figures.loss == 0 && outcome.figures.gradientNorm == 0)
    #expect(worst(try example.weights(), start) == 0)
  }

  /// The norm is that of the step's loss, a mean over labels, with respect to biases and weights;
  /// and what is clipped is both.
  @Test func clippingBoundsTheGradientOfWeightsAndBiasesTogether() throws {
    let labels = Double(LinearExample.labels)
    let gradient = LinearExample.gradient(start)
    var biases = [Double](repeating: 0, count: LinearExample.labels)
    for (row, logits) in LinearExample.logits(start).enumerated() {
      for (label, x) in logits.enumerated() {
        biases[label] +=
          (LinearExample.targets[row].contains(label)
            ? -Double(LinearExample.positiveWeights[label]) / (1 + exp(x)) : 1 / (1 + exp(-x)))
          / Double(LinearExample.rows.count)
      }
    }
    let norm =
      ((LinearExample.squares(gradient) + LinearExample.squares([biases]))).squareRoot()
      / labels
    let limit = norm / 4
    let example = try LinearExample(
      try LinearExample.loss("bce"), rate: 2, regularization: 0, maxGradientNorm: limit)
    let outcome = try example.run()
    #expect(abs(outcome.figures.gradientNorm - norm) < 1e-6 * norm)
    let twin = zip(start, gradient).map { zip($0, $1).map { $0 - 2 * $1 / 4 } }
    // AdamW's clipping divides by the norm plus 1e-6, as PyTorch's does.
    #expect(worst(try example.weights(), twin) < 1e-6 + 2 * 1e-6 / norm)
  }

  @Test func biasesAreTrainedBesideTheWeights() throws {
    let example = try LinearExample(
      try LinearExample.loss("bce"), rate: 1, regularization: 0.1, biasRate: 0.01)
    _ = try example.run()
    _ = try example.weights()
    let moved = zip(example.model.parameters.array, LinearExample.bias).map { abs($0 - $1) }
    // AdamW's first step is the rate, whatever the gradient's size.
    #expect(moved.prefix(LinearExample.labels).allSatisfy { abs($0 - 0.01) < 1e-4 })
  }

  @Test func weightsBelowTheCutOffAreLeftOutOfWhatIsGatheredAndStayInTraining() throws {
    let loss = try LinearExample.loss("bce")
    let whole = try LinearExample(loss, rate: 1, regularization: 0.01)
    let cut = try LinearExample(loss, rate: 1, regularization: 0.01, cutoff: 0.3)
    for number in 0..<4 {
      _ = try whole.run(number: number)
      _ = try cut.run(number: number)
      let (all, large) = (try whole.weights(), try cut.weights())
      #expect(large == all.map { $0.map { abs($0) < Double(Float(0.3)) ? 0 : $0 } })
      let kept = try #require(cut.model.linear.weights)
      #expect(kept.valueCount == large.joined().count { $0 != 0 })
      #expect(kept.valueCount < all.joined().count { $0 != 0 })
    }
  }
}
