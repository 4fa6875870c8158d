import Kernels
import Memory
import Objectives
import Testing

/// Kernels are in single precision: eight or so roundings an entry.
private let relativeTolerance = 2e-6
/// Below this, single-precision terms such as σ(x) - clip have lost their leading digits.
private let absoluteTolerance = 1e-6

private func agree(_ a: Double, _ b: Double, relative: Double = relativeTolerance) -> Bool {
  a == b || abs(a - b) <= absoluteTolerance + relative * max(abs(a), abs(b))
}

struct LossTests {
  @Test(arguments: ["losses", "masked_losses"])
  func lossesAndGradientsEqualPyTorch(name: String) throws {
    let data: LossFixture = try fixture(name)
    let counts = TrainingCounts(
      rows: data.trainingRows, positives: data.counts, known: data.known)
    let logits = matrix(data.logits)
    #expect(data.cases.count == 17)
    for test in data.cases {
      let scale = test.mean == nil ? 1 : 1 / Float(data.knownCells)
      let loss = try LossRegistry.make(
        test.loss, options: test.options, counts: counts, positiveWeights: data.weights
      ).smoothed(test.smoothing, counts: counts)
      let gradients = Matrix<Float>(zeros: logits.rows, logits.columns)
      let rowLosses = Vector<Double>(zeros: logits.rows)
      loss.forwardBackward(
        logits: logits, targets: SparseTargets(rows: data.targets, unknown: data.unknown ?? []),
        scale: scale, logitGradients: gradients, rowLosses: rowLosses)
      if let mean = test.mean {
        #expect(agree(rowLosses.array.reduce(0, +) / Double(data.knownCells), mean))
      }
      for row in 0..<logits.rows {
        #expect(agree(rowLosses[row], test.rowLosses[row]), "\(test.loss) \(test.options) \(row)")
        for label in 0..<logits.columns {
          #expect(
            agree(Double(gradients[row, label]), test.gradients[row][label]),
            "\(test.loss) \(test.options) [\(row), \(label)]")
        }
      }
    }
  }

  @Test(arguments: lossCases.indices)
  func vectorKernelEqualsItsScalarTwin(index: Int) throws {
    let loss = try makeLoss(index, labels: 1)
    for step in -4000...3400 {
      let x = Float(step) / 40 + 0.001
      for factor in [0, 0.01, 0.7] {
        let row = Vector<Float>([x])
        let value = loss.negatives(row: row, rowFactor: factor, scale: 1)
        let twin = loss.negative(Double(x), label: 0, rowFactor: factor)
        #expect(agree(value, twin.value, relative: 2e-5), "x \(x) \(value) \(twin)")
        #expect(agree(Double(row[0]), twin.derivative, relative: 2e-5), "x \(x)")
      }
    }
  }

  @Test func softplusAndSigmoidStayWithinTheirStatedBounds() throws {
    let loss = try LossRegistry.make(
      "bce", counts: TrainingCounts(rows: 1, positives: [0]), positiveWeights: [1])
    // A whole vector of the same logit: nothing else enters the sum.
    var worst = (softplus: 0.0, sigmoid: 0.0)
    for step in -8600...10_000 {
      let x = Float(step) / 100 + 0.003
      let row = Vector<Float>(Array(repeating: x, count: 16))
      let value = loss.negatives(row: row, rowFactor: 1, scale: 1) / 16
      worst.softplus = max(worst.softplus, abs(value / softplus(Double(x)) - 1))
      worst.sigmoid = max(worst.sigmoid, abs(Double(row[0]) / sigmoid(Double(x)) - 1))
    }
    #expect(worst.softplus < 4e-7, "\(worst)")
    #expect(worst.sigmoid < 4e-7, "\(worst)")
  }

  @Test(arguments: lossCases.indices)
  func derivativesEqualFiniteDifferences(index: Int) throws {
    let loss = try makeLoss(index, labels: 3)
    let frozen =
      lossCases[index].name == "asymmetric"
      && lossCases[index].options["focusing_gradient"] != 1
      && lossCases[index].options["gamma_neg"] != 0
    // With constant focusing weights the gradient is by design not that of the value.
    guard !frozen else { return }
    let h = 1e-5
    for step in -90...90 {
      let x = Double(step) / 10 + 0.013
      for label in 0..<3 {
        for term in [loss.positive, loss.negative] {
          let slope =
            (term(x + h, label, 0.3).value - term(x - h, label, 0.3).value) / (2 * h)
          let derivative = term(x, label, 0.3).derivative
          #expect(abs(slope - derivative) < 1e-6 + 1e-6 * abs(slope), "x \(x)")
        }
      }
    }
  }

  @Test(arguments: [1, 15, 16, 17, 127, 128, 129, 1500])
  func everyLabelCountGivesTheScalarSumAndTouchesNothingElse(labels: Int) throws {
    for (index, test) in lossCases.enumerated() {
      var generator = TestGenerator(seed: UInt64(labels + index))
      let loss = try makeLoss(index, labels: labels)
      let (rows, positives) = generator.rows(2, labels: labels, density: 0.05)
      let targets = SparseTargets(rows: positives)
      let wide = Matrix<Float>(zeros: 2, labels + 3)
      wide.vector.fill(77)
      let gradients = wide.columns(1..<labels + 1)
      let losses = Vector<Double>(zeros: 2)
      loss.forwardBackward(
        logits: matrix(rows), targets: targets, scale: 0.5, logitGradients: gradients,
        rowLosses: losses)
      for row in 0..<2 {
        let factor = loss.rowFactor(positives: targets[row])
        var sum = 0.0
        for label in 0..<labels {
          let isTrue = positives[row].contains(Int32(label))
          let x = Double(rows[row][label])
          var term =
            isTrue
            ? loss.positive(x, label: label, rowFactor: factor)
            : loss.negative(x, label: label, rowFactor: factor)
          if isTrue { term.derivative *= 2 }
          sum += term.value * (isTrue ? 2 : 1)
          #expect(agree(Double(gradients[row, label]), 0.5 * term.derivative, relative: 2e-5))
        }
        #expect(agree(losses[row], sum, relative: 2e-5), "\(test) \(labels)")
        #expect(wide[row, 0] == 77 && wide[row, labels + 1] == 77 && wide[row, labels + 2] == 77)
      }
    }
  }

  @Test func gradientsMayReplaceTheLogitsAndTheForwardPassAgrees() throws {
    for index in lossCases.indices {
      var generator = TestGenerator(seed: 5)
      let loss = try makeLoss(index, labels: 50)
      let (rows, positives) = generator.rows(3, labels: 50, density: 0.1)
      let targets = SparseTargets(rows: positives)
      let (apart, inPlace) = (Matrix<Float>(zeros: 3, 50), matrix(rows))
      let (first, second) = (Vector<Double>(zeros: 3), Vector<Double>(zeros: 3))
      loss.forwardBackward(
        logits: matrix(rows), targets: targets, scale: 0.1, logitGradients: apart,
        rowLosses: first)
      loss.forwardBackward(
        logits: inPlace, targets: targets, scale: 0.1, logitGradients: inPlace, rowLosses: second)
      let forward = loss.forward(
        logits: matrix(rows), targets: targets, scratch: Vector(zeros: 50))
      #expect(apart.array == inPlace.array)
      #expect(first.array == second.array && first.array == forward)
    }
  }

  /// Whatever a model says of a cell of which nothing is known, the rest of the row is what it
  /// would be without the cell.
  @Test(arguments: lossCases.indices)
  func unknownCellsAddNothingWhateverTheirLogits(index: Int) throws {
    var generator = TestGenerator(seed: 31)
    let loss = try makeLoss(index, labels: 50)
    let (rows, positives) = generator.rows(3, labels: 50, density: 0.1)
    let unknown = positives.map { row in
      (0..<Int32(50)).filter { !row.contains($0) && generator.uniform() < 0.4 }
    }
    let targets = SparseTargets(rows: positives, unknown: unknown)
    func result(_ logits: [[Float]]) -> (gradients: [Float], losses: [Double]) {
      let (gradients, losses) = (Matrix<Float>(zeros: 3, 50), Vector<Double>(zeros: 3))
      loss.forwardBackward(
        logits: matrix(logits), targets: targets, scale: 0.1, logitGradients: gradients,
        rowLosses: losses)
      let forward = loss.forward(
        logits: matrix(logits), targets: targets, scratch: Vector(zeros: 50))
      #expect(forward == losses.array)
      return (gradients.array, losses.array)
    }
    let first = result(rows)
    let other = rows.enumerated().map { row, logits in
      logits.enumerated().map { unknown[row].contains(Int32($0)) ? Float($0) - 30 : $1 }
    }
    let second = result(other)
    #expect(first.gradients == second.gradients && first.losses == second.losses)
    for (row, labels) in unknown.enumerated() {
      for label in labels { #expect(first.gradients[row * 50 + Int(label)] == 0) }
      let factor = loss.rowFactor(positives: targets[row])
      let sum = (0..<50).filter { !labels.contains(Int32($0)) }.reduce(0.0) { sum, label in
        let x = Double(rows[row][label])
        return positives[row].contains(Int32(label))
          ? sum + 2 * loss.positive(x, label: label, rowFactor: factor).value
          : sum + loss.negative(x, label: label, rowFactor: factor).value
      }
      #expect(agree(first.losses[row], sum, relative: 2e-5))
    }
    var broken = rows
    broken[0][Int(unknown[0][0])] = .nan
    let diverged = loss.forward(
      logits: matrix(broken), targets: targets, scratch: Vector(zeros: 50))
    #expect(diverged[0].isNaN && diverged[1].isFinite)
  }

  @Test(arguments: lossCases.indices)
  func logitsThatAreNotFiniteShowInTheLoss(index: Int) throws {
    let loss = try makeLoss(index, labels: 40)
    for value in [Float.nan, .infinity, -.infinity] {
      for place in [0, 3, 39] {
        for positives in [[], [Int32(3)]] {
          var row = [Float](repeating: -1, count: 40)
          row[place] = value
          let losses = loss.forward(
            logits: matrix([row]), targets: SparseTargets(rows: [positives]),
            scratch: Vector(zeros: 40))
          #expect(!losses[0].isFinite, "\(value) at \(place)")
        }
      }
    }
  }

  @Test func mistakesInTheLossAreNamed() {
    let counts = TrainingCounts(rows: 1, positives: [0])
    #expect(throws: ObjectiveError.self) {
      try LossRegistry.make("bec", counts: counts, positiveWeights: [1])
    }
    #expect(
      throws: ObjectiveError.unknownOption(
        key: "loss (type focal)", option: "gama", known: ["gamma", "alpha"])
    ) {
      try LossRegistry.make(
        "focal", options: ["gama": 1], counts: counts, positiveWeights: [1])
    }
    #expect(
      throws: ObjectiveError.optionOutOfRange(
        key: "loss (type asymmetric).clip", value: 0.9, range: 0...0.5)
    ) {
      try LossRegistry.make(
        "asymmetric", options: ["clip": 0.9], counts: counts, positiveWeights: [1])
    }
  }

  private func makeLoss(_ index: Int, labels: Int) throws -> any Loss {
    let counts = TrainingCounts(
      rows: 500, positives: (0..<labels).map { ($0 * 37 + 3) % 400 })
    return try LossRegistry.make(
      lossCases[index].name, options: lossCases[index].options, counts: counts,
      positiveWeights: Array(repeating: 2, count: labels))
  }
}
