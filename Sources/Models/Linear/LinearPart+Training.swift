// A linear part as the trainer sees it: each rank's share is in a `LinearTraining`.

import Collectives
import Data
import Memory
import Objectives
import Storage

extension LinearPart: ShardedPart {
  private var share: LinearTraining {
    guard let training else { preconditionFailure("the linear part's training has not begun") }
    return training
  }

  /// Begins with the weights that the part has.
  public func beginTraining(_ communicator: Communicator, rows: Int) {
    guard let rates else { preconditionFailure("a linear part without rates is not trained") }
    let shape = LinearTraining.Shape(
      featureCount: featureCount, labelCount: labelCount, ranks: communicator.worldSize, rows: rows)
    training = LinearTraining(shape, rates, communicator)
    if let weights { share.read(weights) }
  }

  /// The weights of the largest share, and what is left of all for evaluations: a tenth, twice over
  /// while they are gathered.
  public func trainingBytes(ranks: Int, rows: Int) -> Int {
    LinearTraining.Shape(
      featureCount: featureCount, labelCount: labelCount, ranks: ranks, rows: rows
    )
    .byteCount + featureCount * labelCount * MemoryLayout<Float>.size / 10
  }

  /// From here on `weights` are old.
  public func forward(_ step: StepBatch, logits: [Matrix<Float>]) throws {
    weights = nil
    try share.forward(step, logits: logits)
  }

  /// The gradients of the rank's labels, of all rows.
  public func backward(logitGradients: [Matrix<Float>]) throws {
    try share.backward(logitGradients: logitGradients)
  }

  /// Feature by feature.
  public func squaredNorm() -> ExactSum { share.squaredNorm() }

  /// A step of gradient descent.
  public func update(factor: Double, gradientScale: Float) {
    share.update(factor: factor, gradientScale: gradientScale)
  }

  /// Weights stay as they are.
  public func discardGradient() { share.discardGradient() }

  /// Those below the cut-off are left out.
  public func gather() throws {
    if weights == nil { weights = try share.gather() }
  }

  /// The weights block by block, not cut off, and their scale.
  public func addState(to writer: inout SafetensorsWriter) { share.addState(to: &writer) }

  /// The rank's blocks.
  public func readState(from source: TensorSource) throws { try share.readState(from: source) }
}
