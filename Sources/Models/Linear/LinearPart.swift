// The part of a model that reads TF-IDF features: features × labels, added to the logits. What is
// here: the weights as evaluation, prediction and files have them. How they are trained, each rank
// a share of the labels, is in LinearTraining.swift.

import Kernels
import Memory
import Storage

/// Weights of F features × L labels of which most are zero.
public final class LinearPart {
  /// F.
  public let featureCount: Int
  /// L.
  public let labelCount: Int
  /// `[F, L]`, labels ascending in each feature.
  public var weights: SparseMatrix?
  /// How it is trained; nil if it is not.
  let rates: LinearRates?
  /// This rank's share of the training, once it has begun.
  var training: LinearTraining?

  /// Zero weights.
  public init(featureCount: Int, labelCount: Int, rates: LinearRates? = nil) {
    self.featureCount = featureCount
    self.rates = rates
    self.labelCount = labelCount
    weights = SparseMatrix(
      offsets: Vector(zeros: featureCount + 1), columns: Vector(zeros: 0), values: Vector(zeros: 0),
      columnCount: labelCount)
  }

  /// Adds the part's logits to `logits [B, L]`.
  /// - Parameter features: of the same rows. `[B, F]`
  public func add(_ features: SparseMatrix?, to logits: Matrix<Float>) {
    guard let weights else {
      preconditionFailure("the linear part's weights are read that have not been gathered")
    }
    guard let features else { preconditionFailure("the rows have no TF-IDF features") }
    addSparseProduct(features, weights, into: logits)
  }
}

extension LinearPart {
  /// The file of the weights, beside those of the rest of the model.
  public static let fileName = "linear.safetensors"

  private enum TensorName {
    static let offsets = "linear.offsets"
    static let labels = "linear.labels"
    static let values = "linear.values"
  }

  /// Writes the weights into a directory being written. Throws `FileError`.
  public func save(into directory: PendingDirectory) throws -> FileRecord {
    guard let weights else { preconditionFailure("weights are saved that have not been gathered") }
    var writer = SafetensorsWriter()
    writer.add(TensorName.offsets, shape: [featureCount + 1], weights.offsets)
    writer.add(TensorName.labels, shape: [weights.columns.count], weights.columns)
    writer.add(TensorName.values, shape: [weights.values.count], weights.values)
    return try directory.writeFile(Self.fileName) { try writer.write(to: $0) }
  }

  /// Reads the weights of a saved model. Throws `ModelError`, `StorageError` and `FileError`.
  public func load(from directory: String) throws {
    let path = "\(directory)/\(Self.fileName)"
    let file = try SafetensorsFile(path: path)
    let offsets = Vector<Int64>(zeros: featureCount + 1)
    guard let count = file.tensor(TensorName.values)?.count,
      file.tensor(TensorName.offsets)?.count == featureCount + 1
    else {
      throw ModelError.mismatch(
        path: path,
        "does not hold the weights of \(featureCount) features: features.tsv and weights "
          + "belong to different models")
    }
    let (labels, values) = (Vector<Int32>(zeros: count), Vector<Float>(zeros: count))
    try file.copyExactly(TensorName.offsets, into: offsets)
    try file.copyExactly(TensorName.labels, into: labels)
    try file.copyExactly(TensorName.values, into: values)
    guard
      let weights = SparseMatrix(
        untrusted: offsets, columns: labels, values: values, columnCount: labelCount)
    else {
      throw ModelError.mismatch(
        path: path, "its offsets do not ascend, or name labels beyond the model's \(labelCount)")
    }
    self.weights = weights
  }
}
