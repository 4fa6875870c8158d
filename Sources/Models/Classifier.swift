// What the trainer knows of a model. A new kind of model conforms to this and changes nothing else.

import Data
import Kernels
import Memory

/// Names the random numbers of a training step; nil in evaluation.
public struct TrainingMoment: Sendable {
  /// The run's seed.
  public let seed: UInt64
  /// The number of the optimizer step, from 0.
  public let step: Int

  /// The step `step` of a run with `seed`.
  public init(seed: UInt64, step: Int) {
    self.seed = seed
    self.step = step
  }
}

/// One microbatch on its way through a model.
public protocol ClassifierPass: AnyObject {
  /// B rows × L labels, before the sigmoid.
  var logits: Matrix<Float> { get }
  /// `[B, L]`, to be filled between forward and backward: the gradient of the step's loss.
  var logitGradients: Matrix<Float> { get }
}

/// A model that gives each row a logit per label, and the gradients of its parameters bucket by
/// bucket.
public protocol Classifier: AnyObject {
  /// What it keeps of a microbatch between forward and backward.
  associatedtype Pass: ClassifierPass

  /// Where the parameters lie.
  var layout: ParameterLayout { get }
  /// All parameters. `[layout.count]`
  var parameters: Vector<Float> { get }
  /// L, the number of labels.
  var labelCount: Int { get }

  /// Floats that the model holds besides the parameters: what `prepareParameters` makes of them.
  var preparedSize: Int { get }
  /// To be called before the first `forward` after the parameters have changed.
  func prepareParameters()

  /// Floats of workspace that a training pass over a microbatch keeps until its backward pass ends.
  func passSize(tokens: Int, rows: Int) -> Int
  /// Floats of workspace that are needed besides, for the largest microbatch alone.
  func temporarySize(tokens: Int, rows: Int) -> Int

  /// Floats of workspace that `logits` needs.
  func evaluationSize(tokens: Int, rows: Int) -> Int

  /// Runs the microbatch through the model and keeps what the backward pass needs.
  func forward(_ batch: Batch, at moment: TrainingMoment, in workspace: Workspace) -> Pass

  /// The gradient of one bucket for one microbatch, overwriting `gradient` `[bucket.count]`, the
  /// layout's gaps between tensors excepted.
  /// Buckets are asked for from the last to the first, each once for each pass.
  func backward(
    _ pass: Pass, bucket: Int, gradient: Vector<Float>, in workspace: Workspace)

  /// The same for a bucket of kind `sparseRows`: puts the rows that the microbatch touched into
  /// `gradient`.
  func backward(_ pass: Pass, bucket: Int, rows gradient: SparseRowsBuffer)

  /// Logits `[B, L]` without dropout, in single precision whatever that of training is, in memory of
  /// the workspace; nothing else is kept.
  func logits(_ batch: Batch, in workspace: Workspace) -> Matrix<Float>
}
