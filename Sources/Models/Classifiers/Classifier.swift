// What the trainer knows of a model. A new kind of model conforms to this and changes nothing else.

import Data
import Kernels
import Memory

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
  /// All parameters.
  var store: ParameterStore { get }
  /// L, the number of labels.
  var labelCount: Int { get }

  /// The part whose weights are not in `layout`; nil if there is none.
  var shardedPart: (any ShardedPart)? { get }

  /// Floats that the model holds besides the parameters: what `prepareParameters` makes of them.
  var preparedSize: Int { get }
  /// To be called before the first `forward` of a bucket after its parameters have changed.
  func prepareParameters(ofBucket bucket: Int)

  /// A microbatch at the beginning of its way; what the pass keeps lies in the workspace.
  func begin(_ batch: Batch, at key: RandomKey, in workspace: Workspace) -> Pass
  /// Takes as much of the workspace as `begin`.
  func reservePass(tokens: Int, rows: Int, in workspace: Workspace)
  /// Takes as much of the workspace as forward and backward passes do besides, for a while.
  func reserveTemporaries(tokens: Int, rows: Int, in workspace: Workspace)

  /// Runs the microbatch through the part of the model whose parameters are the bucket's, and keeps
  /// what the backward pass needs. Buckets are asked for from the first to the last, each once for
  /// each pass; a bucket's forward may read the parameters of those before it, none of
  /// those after it.
  func forward(_ pass: Pass, bucket: Int)

  /// The gradient of one bucket for one microbatch, overwriting `gradient` `[bucket.count]`, the
  /// layout's gaps between tensors excepted.
  /// Buckets are asked for from the last to the first, each once for each pass.
  func backward(_ pass: Pass, bucket: Int, gradient: Vector<Float>)

  /// The same for the table of embeddings: puts the rows that the microbatch
  /// touched into `gradient`.
  func backward(_ pass: Pass, rows gradient: SparseRowsBuffer)

  /// Logits `[B, L]` without dropout, in single precision whatever that of training is, in memory
  /// of the workspace; nothing else is kept.
  func logits(_ batch: Batch, in workspace: Workspace) -> Matrix<Float>
  /// Takes as much of the workspace as `logits`.
  func reserveLogits(tokens: Int, rows: Int, in workspace: Workspace)
}

extension Classifier {
  /// All weights are in `layout`.
  public var shardedPart: (any ShardedPart)? { nil }

  /// All parameters `[layout.count]`. To read them while some are missing is a fault
  /// of the program.
  public var parameters: Vector<Float> { store.values }

  /// Prepares all buckets.
  public func prepareParameters() {
    for bucket in layout.buckets.indices { prepareParameters(ofBucket: bucket) }
  }

  /// Runs the microbatch through the whole model.
  public func forward(_ batch: Batch, at key: RandomKey, in workspace: Workspace) -> Pass {
    let pass = begin(batch, at: key, in: workspace)
    for bucket in layout.buckets.indices { forward(pass, bucket: bucket) }
    return pass
  }

  /// Floats of workspace that a training pass over a microbatch keeps until its backward pass ends.
  public func passSize(tokens: Int, rows: Int) -> Int {
    Workspace.peak { reservePass(tokens: tokens, rows: rows, in: $0) }
  }

  /// Floats of workspace that are needed besides, for the largest microbatch alone.
  public func temporarySize(tokens: Int, rows: Int) -> Int {
    Workspace.peak { reserveTemporaries(tokens: tokens, rows: rows, in: $0) }
  }

  /// Floats of workspace that `logits` needs.
  public func evaluationSize(tokens: Int, rows: Int) -> Int {
    Workspace.peak { reserveLogits(tokens: tokens, rows: rows, in: $0) }
  }
}
