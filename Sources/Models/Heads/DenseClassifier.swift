// Dropout and a linear classifier on one vector a row, its features: the end of a pooled head, and
// all that is trained on features that are kept.
//
// B rows, H hidden size, L labels.

import Kernels
import Memory

/// The parameters of a linear classifier, or their gradients.
struct DenseParameters {
  /// `[L, H]`
  let weight: Matrix<Float>
  /// `[L]`
  let bias: Vector<Float>

  /// The next two tensors.
  init(_ reader: SlotReader) {
    var reader = reader
    weight = reader.matrix()
    bias = reader.vector()
  }

  /// Their names and shapes.
  static func tensors(
    _ name: String = "classifier", labels: Int, hidden: Int
  ) -> [[ParameterLayout.Tensor]] {
    [[(name + ".weight", [labels, hidden])], [(name + ".bias", [labels])]]
  }
}

/// The gradient of the logits, and where those of the parameters go.
struct DenseGradients {
  /// `[B, L]`
  let logits: Matrix<Float>
  /// Overwritten.
  let parameters: DenseParameters
}

/// Dropout, then a logit for each label.
struct DenseClassifier {
  private let parameters: DenseParameters
  /// Of what it reads.
  private let dropout: Double
  /// As products read them.
  let weights: MixedPrecisionMatrix

  init(_ parameters: DenseParameters, dropout: Double, _ precision: ProductPrecision) {
    self.parameters = parameters
    self.dropout = dropout
    weights = MixedPrecisionMatrix(parameters.weight, precision)
  }

  private var hiddenSize: Int { parameters.weight.columns }
  private var labelCount: Int { parameters.weight.rows }

  private func dropout(_ key: RandomKey?) -> Dropout? {
    DropoutPlace.classifier.dropout(dropout, key)
  }

  /// `features [B, H]` → `logits [B, L]`
  /// - Parameters:
  ///   - rows: one vector each.
  ///   - input: `[B, H]`, the features after dropout, kept for the backward pass.
  func forward(
    _ features: Matrix<Float>, _ rows: RaggedRows, _ key: RandomKey?,
    input: MixedPrecisionMatrix, logits: Matrix<Float>
  ) {
    input.values.vector.copy(from: features.vector)
    if let dropout = dropout(key) { applyDropout(dropout, to: input.values, rows: rows) }
    input.round()
    multiply(input.operand, transposed: weights, into: logits)
    addBias(parameters.bias, to: logits)
  }

  /// Fills the gradients of the parameters.
  func backward(
    _ input: MixedPrecisionMatrix, _ gradients: DenseGradients, _ workspace: Workspace
  ) {
    workspace.temporarily { _ = backwardParameters(input, gradients, workspace) }
  }

  /// Likewise. Returns the gradient of the features `[B, H]`, in memory of the workspace.
  func backward(
    _ input: MixedPrecisionMatrix, _ gradients: DenseGradients, at key: RandomKey,
    _ rows: RaggedRows, _ workspace: Workspace
  ) -> Matrix<Float> {
    let gradient = workspace.matrix(rows.count, hiddenSize)
    workspace.temporarily {
      let rounded = backwardParameters(input, gradients, workspace)
      multiply(rounded.operand, weights, into: gradient)
    }
    if let dropout = dropout(key) { applyDropout(dropout, to: gradient, rows: rows) }
    return gradient
  }

  /// Returns the gradient of the logits as products read it.
  private func backwardParameters(
    _ input: MixedPrecisionMatrix, _ gradients: DenseGradients, _ workspace: Workspace
  ) -> MixedPrecisionMatrix {
    gradients.parameters.bias.fill(0)
    addColumnSums(of: gradients.logits, into: gradients.parameters.bias)
    let rounded = MixedPrecisionMatrix(gradients.logits, weights.precision, in: workspace)
    rounded.round()
    multiply(transposed: rounded.operand, input.operand, into: gradients.parameters.weight)
    return rounded
  }

  /// Takes what `backward` does, with or without the gradient of the features.
  func reserveBackward(rows: Int, passesGradient: Bool, in workspace: Workspace) {
    if passesGradient { _ = workspace.matrix(rows, hiddenSize) }
    MixedPrecisionMatrix.reserveCopy(weights.precision, rows, labelCount, in: workspace)
  }
}
