// What a model trains besides the buckets of its layout.

import Collectives
import Data
import Memory
import Objectives
import Storage

/// A part of a model whose weights are too many to travel in each step. In training each rank holds
/// those of some labels and updates them by the part's own rule; evaluation and files
/// have them all.
///
/// What is said to be collective is called by all ranks, in the same order.
public protocol ShardedPart: AnyObject {
  /// All weights `[F, L]`; nil while training has newer ones, from `forward` until `gather`.
  var weights: SparseMatrix? { get set }

  /// Makes this rank's share of `weights` ready for training.
  /// - Parameter rows: of a step, at most.
  func beginTraining(_ communicator: Communicator, rows: Int)
  /// Bytes that training takes of a rank's memory.
  func trainingBytes(ranks: Int, rows: Int) -> Int

  /// Adds the part's logits to those of this rank's microbatches. Collective.
  func forward(_ step: StepBatch, logits: [Matrix<Float>]) throws
  /// Takes the gradients of the logits of this rank's microbatches. Collective.
  func backward(logitGradients: [Matrix<Float>]) throws
  /// The sum of squares of the gradient of the rank's share.
  func squaredNorm() -> ExactSum
  /// Updates the rank's share.
  /// - Parameters:
  ///   - factor: the schedule's, of the learning rate.
  ///   - gradientScale: that of clipping.
  func update(factor: Double, gradientScale: Float)
  /// Forgets the gradient of a step that updates nothing.
  func discardGradient()
  /// Gives every rank all weights. Collective.
  func gather() throws

  /// Adds the state of the rank's share to the file of a checkpoint.
  func addState(to writer: inout SafetensorsWriter)
  /// Reads the state of the rank's share, which any number of ranks has written.
  func readState(from source: TensorSource) throws

  /// Writes all weights into a directory being written. Throws `FileError`.
  func save(into directory: PendingDirectory) throws -> FileRecord
  /// Reads all weights of a saved model. Throws `ModelError`, `StorageError` and `FileError`.
  func load(from directory: String) throws
}
