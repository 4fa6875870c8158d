// The training of a model's linear part: gradient descent on each label's mean loss over the rows, with
// L2 regularization, λ/2·‖w‖², of all weights at every step (Bottou 2010, Large-Scale Machine Learning with
// Stochastic Gradient Descent; Shalev-Shwartz et al. 2011, Pegasos).
//
// A step shrinks all weights by 1 − ηλ and moves only those of features that the step's rows have. So the
// weights are kept as v with w = scale · v (Bottou's trick): shrinking is one multiplication, and only
// touched weights move. There is no other state: neither moments nor averages.

import Collectives
import Configuration
import Data
import Kernels
import Memory
import Models
import Objectives

/// A rank's share of the training of a linear part: some of its labels.
final class LinearTraining {
  let part: LinearPart
  let share: LabelShard
  /// This rank's number.
  var rank: Int { communicator.rank }
  /// v for each block of the rank's labels. `[F, W]`
  let blocks: [Matrix<Float>]
  /// w = scale · v.
  var scale: Float = 1
  private let settings: LinearSettings
  private let communicator: Communicator
  private let workspace: Workspace
  /// The step under way.
  private var step: LinearStep?
  private var gradients: [Matrix<Float>] = []
  private var touched: TransposedFeatures?

  /// Below this the scale is multiplied into the weights, before it can underflow.
  private static let leastScale: Float = 1e-6

  /// Weights as the part has them.
  /// - Parameter rows: of a step, at most.
  init(
    _ part: LinearPart, _ settings: LinearSettings, _ communicator: Communicator, rows: Int
  ) {
    self.part = part
    self.settings = settings
    self.communicator = communicator
    share = LabelShard(labelCount: part.labelCount, ranks: communicator.worldSize)
    let mine = share.blocks(ofRank: communicator.rank)
    blocks = mine.map { _ in Matrix(zeros: part.featureCount, labelBlockWidth) }
    workspace = Workspace(
      capacity: Self.workspaceFloats(rows: rows, share: share, blocks: mine.count))
    readWeights()
  }

  private static func workspaceFloats(rows: Int, share: LabelShard, blocks: Int) -> Int {
    LinearStep.workspaceSize(rows: rows, share: share)
      + blocks * Workspace.size(of: rows * labelBlockWidth)
  }

  /// Bytes that a rank's share takes.
  static func byteCount(featureCount: Int, labelCount: Int, ranks: Int, rows: Int) -> Int {
    let share = LabelShard(labelCount: labelCount, ranks: ranks)
    let blocks = share.blocks(ofRank: ranks - 1).count
    return MemoryLayout<Float>.size
      * (blocks * featureCount * labelBlockWidth
        + workspaceFloats(rows: rows, share: share, blocks: blocks))
  }

  /// Adds the part's logits to those of the rank's microbatches. Collective.
  func forward(_ input: LinearInput, logits: [Matrix<Float>]) throws {
    part.weights = nil
    workspace.reset()
    let step = LinearStep(input, share, communicator)
    self.step = step
    gradients = blocks.map { _ in workspace.matrix(input.features.rows, labelBlockWidth) }
    // What is computed here is read before the gradients take its place.
    for (block, product) in zip(blocks, gradients) {
      sparseProduct(input.features, block, scale: scale, into: product)
    }
    let mark = workspace.mark
    try step.spread(gradients, to: logits, workspace)
    workspace.release(to: mark)
  }

  /// Takes the gradients of the logits of the rank's microbatches. Collective.
  func backward(logitGradients: [Matrix<Float>]) throws {
    guard let step else { preconditionFailure("a backward pass without its forward pass") }
    let mark = workspace.mark
    try step.collect(logitGradients, into: gradients, workspace)
    workspace.release(to: mark)
    touched = TransposedFeatures(step.input.features)
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
  /// - Parameters:
  ///   - factor: that of the schedule.
  ///   - gradientScale: that of clipping.
  func update(factor: Double, gradientScale: Float) {
    guard let touched else { return }
    let rate = settings.rates.learning * factor
    scale *= Float(1 - rate * settings.rates.regularization)
    // The step's loss is a mean over rows and labels, a label's loss one over rows.
    let perLabel = rate * Double(part.labelCount) * Double(gradientScale)
    for (block, gradient) in zip(blocks, gradients) {
      sparseDescent(touched, gradient, step: Float(perLabel / Double(scale)), weights: block)
    }
    if scale < Self.leastScale { applyScale() }
    self.touched = nil
  }

  /// A step that updates nothing.
  func discard() { touched = nil }

  private func applyScale() {
    for block in blocks { Kernels.scale(block.vector, by: scale) }
    scale = 1
  }
}

extension LinearTraining {
  /// Gives every rank the weights of all labels, those below the cut-off left out. Collective.
  func gather() throws {
    guard part.weights == nil else { return }
    let first = share.blocks(ofRank: communicator.rank).lowerBound * labelBlockWidth
    let kept = PrunedWeights(
      blocks, firstLabel: first, labelCount: part.labelCount, featureCount: part.featureCount,
      scale: scale, cutoff: Float(settings.rates.cutoff))
    let ranks = communicator.worldSize
    let counts = try communicator.gatherParts(
      kept.counts, counts: Array(repeating: part.featureCount, count: ranks))
    let totals = counts.map { Int($0.array.reduce(0 as Int64) { $0 + Int64($1) }) }
    part.weights = mergeRows(
      counts: counts,
      columns: try communicator.gatherParts(kept.labels, counts: totals),
      values: try communicator.gatherParts(kept.values, counts: totals),
      columnCount: part.labelCount)
  }

  /// Begins with the weights that the part has. Pages of memory that nothing is written to take none.
  private func readWeights() {
    guard let weights = part.weights, weights.valueCount > 0 else { return }
    for (index, block) in share.blocks(ofRank: communicator.rank).enumerated() {
      scatter(weights, columns: share.labels(ofBlock: block), into: blocks[index])
    }
  }
}
