import Memory
import Objectives
import Testing

/// Parity with PyTorch is in `LossTests`; here is what holds for every loss.
struct SmoothedLossTests {
  private let counts = TrainingCounts(rows: 500, positives: [3, 120, 499])

  private func loss(_ name: String, smoothing: Double) throws -> any Loss {
    // The focusing factors of `asymmetric` are constants in its gradient unless told otherwise.
    let options = name == "asymmetric" ? ["focusing_gradient": 1.0] : [:]
    return try LossRegistry.make(
      name, options: options, counts: counts, positiveWeights: [7, 1, 0.5]
    ).smoothed(smoothing, counts: counts)
  }

  @Test(arguments: LossRegistry.all.map(\.name))
  func derivativesEqualFiniteDifferences(name: String) throws {
    let (loss, h) = (try loss(name, smoothing: 0.2), 1e-5)
    for step in -40...40 {
      let x = Double(step) / 5 + 0.013
      for label in 0..<3 {
        for term in [loss.positive, loss.negative] {
          let slope = (term(x + h, label, 0.3).value - term(x - h, label, 0.3).value) / (2 * h)
          let derivative = term(x, label, 0.3).derivative
          #expect(abs(slope - derivative) < 1e-6 + 1e-6 * abs(slope), "\(name) x \(x)")
        }
      }
    }
  }

  @Test(arguments: LossRegistry.all.map(\.name))
  func aRowIsTheSumOfItsEntries(name: String) throws {
    let loss = try loss(name, smoothing: 0.2)
    let logits = Matrix<Float>([-3, 0.5, 2], rows: 1, columns: 3)
    let targets = SparseTargets(rows: [[1]])
    let gradients = Matrix<Float>(zeros: 1, 3)
    let losses = Vector<Double>(zeros: 1)
    loss.forwardBackward(
      logits: logits, targets: targets, scale: 0.25, logitGradients: gradients, rowLosses: losses)
    let factor = loss.rowFactor(positives: targets[0])
    let terms = (0..<3).map { label in
      let x = Double(logits[0, label])
      return label == 1
        ? loss.positive(x, label: label, rowFactor: factor)
        : loss.negative(x, label: label, rowFactor: factor)
    }
    #expect(abs(losses[0] - terms.reduce(0) { $0 + $1.value }) < 1e-9)
    for label in 0..<3 {
      #expect(abs(Double(gradients[0, label]) - 0.25 * terms[label].derivative) < 1e-6)
    }
  }

  @Test func noSmoothingIsTheLossItself() throws {
    let plain = try loss("bce", smoothing: 0)
    #expect("\(type(of: plain))" == "BinaryCrossEntropy")
  }

  @Test func smoothingLeavesTheBestConstantOfCrossEntropyWhereItIs() throws {
    let plain = ClassifierBias.prior.values(loss: try loss("bce", smoothing: 0), counts: counts)
    let smooth = ClassifierBias.prior.values(loss: try loss("bce", smoothing: 0.3), counts: counts)
    // The prior bias counts half a row more on either side than the label's frequency does.
    for (a, b) in zip(plain, smooth) { #expect(abs(a - b) < 0.3) }
    #expect(abs(plain[1] - smooth[1]) < 0.002)
  }
}
