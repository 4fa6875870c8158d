// The training of a model's linear part: gradient descent on each label's loss, summed over the
// rows of which the label is known and divided by the number of all rows, with L2 regularization,
// λ/2·‖w‖², of all weights at every step (Bottou 2010, Large-Scale Machine Learning with Stochastic
// Gradient Descent; Shalev-Shwartz et al. 2011, Pegasos).
//
// A step shrinks all weights by 1 − ηλ and moves only those of features that the step's rows have.
// So the weights are kept as v with w = scale · v (Bottou's trick): shrinking is one
// multiplication, and only touched weights move. There is no other state: neither
// moments nor averages.

import Collectives
import Data
import Kernels
import Memory
import Objectives

/// How a linear part is trained.
public struct LinearRates: Sendable, Equatable {
  /// η of the gradient descent on a label's mean loss over the rows, before the schedule's factor.
  /// A row whose label is unknown adds 0 to the mean, so that known rows weigh what they always do.
  public var learning: Double
  /// λ: a label's loss is its mean over the rows plus λ/2 · the sum of its weights' squares.
  public var regularization: Double
  /// Weights of a smaller absolute value are left out of what is gathered.
  public var cutoff: Double

  /// See the properties.
  public init(learning: Double, regularization: Double, cutoff: Double) {
    self.learning = learning
    self.regularization = regularization
    self.cutoff = cutoff
  }
}

/// A rank's share of the training of a linear part: some of its labels.
final class LinearTraining {
  let shape: Shape
  /// This rank's number.
  var rank: Int { communicator.rank }
  /// v for each block of the rank's labels. `[F, W]`
  let blocks: [Matrix<Float>]
  /// w = scale · v.
  var scale: Float = 1
  private let rates: LinearRates
  private let communicator: Communicator
  private let workspace: Workspace
  /// The step under way, and what its rows read. `[B, F]`
  private var step: (exchange: LinearStep, features: SparseMatrix)?
  private var gradients: [Matrix<Float>] = []
  /// Known cells of the step under way by its rows: L where all is known.
  private var knownLabelsPerRow = 0.0
  private var touched: TransposedFeatures?

  /// Below this the scale is multiplied into the weights, before it can underflow.
  private static let leastScale: Float = 1e-6

  /// Zero weights.
  init(_ shape: Shape, _ rates: LinearRates, _ communicator: Communicator) {
    self.shape = shape
    self.rates = rates
    self.communicator = communicator
    let mine = shape.labels.blocks(ofRank: communicator.rank)
    blocks = mine.map { _ in Matrix(zeros: shape.featureCount, labelBlockWidth) }
    workspace = Workspace(capacity: shape.workspaceFloats(blocks: mine.count))
  }

  /// Sizes of the training of a linear part.
  struct Shape {
    let featureCount: Int
    let labelCount: Int
    let ranks: Int
    /// Of a step, at most.
    let rows: Int

    /// Which labels each rank trains.
    var labels: LabelShard { LabelShard(labelCount: labelCount, ranks: ranks) }

    func workspaceFloats(blocks: Int) -> Int {
      LinearStep.workspaceSize(rows: rows, share: labels)
        + blocks * Workspace.size(of: rows * labelBlockWidth)
    }

    /// Bytes that the largest share takes.
    var byteCount: Int {
      let blocks = labels.blocks(ofRank: ranks - 1).count
      return MemoryLayout<Float>.size
        * (blocks * featureCount * labelBlockWidth + workspaceFloats(blocks: blocks))
    }
  }

  /// Adds the part's logits to those of the rank's microbatches. Collective.
  func forward(_ batch: StepBatch, logits: [Matrix<Float>]) throws {
    guard let features = batch.tfidf else {
      preconditionFailure("the rows have no TF-IDF features")
    }
    workspace.reset()
    let exchange = LinearStep(batch, shape.labels, communicator)
    step = (exchange, features)
    knownLabelsPerRow =
      Double(batch.knownCellCount(labels: shape.labelCount)) / Double(max(batch.rowCount, 1))
    gradients = blocks.map { _ in workspace.matrix(features.rows, labelBlockWidth) }
    // What is computed here is read before the gradients take its place.
    for (block, product) in zip(blocks, gradients) {
      sparseProduct(features, block, scale: scale, into: product)
    }
    let mark = workspace.mark
    try exchange.spread(gradients, to: logits, workspace)
    workspace.release(to: mark)
  }

  /// Takes the gradients of the logits of the rank's microbatches. Collective.
  func backward(logitGradients: [Matrix<Float>]) throws {
    guard let step else { preconditionFailure("a backward pass without its forward pass") }
    let mark = workspace.mark
    try step.exchange.collect(logitGradients, into: gradients, workspace)
    workspace.release(to: mark)
    touched = TransposedFeatures(step.features)
    self.step = nil
  }

  /// The sum of squares of the gradient of the rank's weights, feature by feature.
  func squaredNorm() -> ExactSum {
    var sum = ExactSum()
    guard let touched else { return sum }
    let squares = Vector<Float>(zeros: touched.count)
    for gradient in gradients {
      sparseGradientSquares(touched, gradient, into: squares)
      for square in squares.array { sum.add(Double(square)) }
    }
    return sum
  }

  /// Updates the rank's weights.
  func update(factor: Double, gradientScale: Float) {
    guard let touched else { return }
    let rate = rates.learning * factor
    scale *= Float(1 - rate * rates.regularization)
    // The gradients are of the mean loss over known cells, η is for a label's mean over rows.
    let perLabel = rate * knownLabelsPerRow * Double(gradientScale)
    for (block, gradient) in zip(blocks, gradients) {
      sparseDescent(touched, gradient, step: Float(perLabel / Double(scale)), weights: block)
    }
    if scale < Self.leastScale { applyScale() }
    self.touched = nil
  }

  /// A step that updates nothing.
  func discardGradient() { touched = nil }

  private func applyScale() {
    for block in blocks { Kernels.scale(block.vector, by: scale) }
    scale = 1
  }
}

extension LinearTraining {
  /// The weights of all labels, those below the cut-off left out. Collective.
  func gather() throws -> SparseMatrix {
    let first = shape.labels.blocks(ofRank: communicator.rank).lowerBound * labelBlockWidth
    let kept = PrunedWeights(
      blocks, labels: first..<shape.labelCount, featureCount: shape.featureCount, scale: scale,
      cutoff: Float(rates.cutoff))
    let ranks = communicator.worldSize
    let counts = try communicator.gatherParts(
      kept.counts, counts: Array(repeating: shape.featureCount, count: ranks))
    let totals = counts.map { Int($0.array.reduce(0 as Int64) { $0 + Int64($1) }) }
    return mergeRows(
      counts: counts,
      columns: try communicator.gatherParts(kept.labels, counts: totals),
      values: try communicator.gatherParts(kept.values, counts: totals),
      columnCount: shape.labelCount)
  }

  /// Begins with those weights. Pages of memory that nothing is written to take none.
  func read(_ weights: SparseMatrix) {
    guard weights.valueCount > 0 else { return }
    for (index, block) in shape.labels.blocks(ofRank: communicator.rank).enumerated() {
      scatter(weights, columns: shape.labels.labels(ofBlock: block), into: blocks[index])
    }
  }
}
