// Label attention: each label weights a row's tokens by a softmax of its own. Mullenbach and
// others, "Explainable Prediction of Medical Codes from Clinical Text" (2018), without their
// convolution and tanh.
//
// scores = H·Uᵀ, values = H·Wᵀ, logit = Σ softmax(score)·value + b, over the row's tokens. With U =
// 0, where training begins, that is a linear classifier on the mean of the hidden states.
// docs/explanation/backward.md has the backward pass.
//
// T tokens, B rows, H hidden size (and the hidden states), L labels, K labels of a block.

import Kernels
import Memory

/// The parameters of label attention, or their gradients.
struct LabelAttentionParameters {
  /// W, `[L, H]`, and b, `[L]`.
  let classifier: DenseParameters
  /// U, what each label looks for. `[L, H]`
  let queries: Matrix<Float>

  /// The next three tensors.
  init(_ reader: SlotReader) {
    var reader = reader
    classifier = DenseParameters(reader)
    reader = reader.dropFirst(2)
    queries = reader.matrix()
  }

  static let queriesName = "label_attention.weight"

  /// Their names and shapes.
  static func tensors(labels: Int, hidden: Int) -> [[ParameterLayout.Tensor]] {
    DenseParameters.tensors(labels: labels, hidden: hidden)
      + [[(queriesName, [labels, hidden])]]
  }
}

/// The shape of a label-attention head.
struct LabelAttentionConfiguration: HeadConfiguration {
  let encoder: any EncoderConfiguration
  let labelCount: Int

  var input: QueryRange { .allTokens }

  func appendBuckets(to layout: inout ParameterLayout, encoderIsFrozen: Bool) {
    layout.append(
      "classifier",
      part: { $0 == LabelAttentionParameters.queriesName ? .labelAttention : .classifier },
      groups: LabelAttentionParameters.tensors(labels: labelCount, hidden: encoder.hiddenSize))
  }

  func makeHead(_ parameters: SlotReader, _ precision: ProductPrecision) -> any Head {
    LabelAttentionHead(
      LabelAttentionParameters(parameters),
      dropout: encoder.classifierDropout ?? encoder.hiddenDropout, precision)
  }
}

/// A softmax over tokens for each label.
struct LabelAttentionHead: Head {
  /// b.
  let bias: Vector<Float>
  /// W.
  let classifier: MixedPrecisionMatrix
  /// U.
  let queries: MixedPrecisionMatrix
  /// Of the hidden states, one mask for all tokens of a row: with U = 0 that of their mean.
  private let dropout: Double

  init(_ parameters: LabelAttentionParameters, dropout: Double, _ precision: ProductPrecision) {
    bias = parameters.classifier.bias
    classifier = MixedPrecisionMatrix(parameters.classifier.weight, precision)
    queries = MixedPrecisionMatrix(parameters.queries, precision)
    self.dropout = dropout
  }

  var labelCount: Int { bias.count }
  var hiddenSize: Int { queries.values.columns }
  var precision: ProductPrecision { queries.precision }

  var probe: DenseClassifier? { nil }
  var weights: [MixedPrecisionMatrix] { [classifier, queries] }

  func begin(_ rows: RaggedRows, at key: RandomKey, in workspace: Workspace) -> any HeadPass {
    LabelAttentionPass(self, rows, key, workspace)
  }

  func reservePass(tokens: Int, rows: Int, in workspace: Workspace) {
    _ = LabelAttentionMemory(self, tokens: tokens, rows: rows, in: workspace)
  }

  func reserveTemporaries(tokens: Int, rows: Int, in workspace: Workspace) {
    workspace.temporarily {
      _ = input(tokens: tokens, in: workspace)
      reserveBlock(precision, tokens: tokens, in: workspace)
    }
  }

  func reserveForward(tokens: Int, rows: Int, in workspace: Workspace) {
    _ = LabelAttentionStatistics(rows: rows, labels: labelCount, in: workspace)
    reserveBlock(.float32, tokens: tokens, in: workspace)
  }

  func forward(
    _ hidden: Matrix<Float>, _ rows: RaggedRows, logits: Matrix<Float>, in workspace: Workspace
  ) {
    let memory = LabelAttentionMemory(
      statistics: LabelAttentionStatistics(rows: rows.count, labels: labelCount, in: workspace),
      products: nil)
    forward(MixedPrecisionMatrix(hidden, .float32), rows, memory, logits: logits, in: workspace)
  }

  func pool(
    _ hidden: Matrix<Float>, _ rows: RaggedRows, features: Matrix<Float>, in workspace: Workspace
  ) {
    preconditionFailure("label attention reads all hidden states: a row has no features")
  }

  private func input(tokens: Int, in workspace: Workspace) -> MixedPrecisionMatrix {
    MixedPrecisionMatrix(precision, tokens, hiddenSize, in: workspace)
  }

  /// The hidden states after dropout, as products read them. `[T, H]`
  func input(
    _ hidden: Matrix<Float>, _ rows: RaggedRows, _ key: RandomKey, in workspace: Workspace
  ) -> MixedPrecisionMatrix {
    let input = input(tokens: hidden.rows, in: workspace)
    input.values.vector.copy(from: hidden.vector)
    applyDropout(to: input.values, rows, key)
    input.round()
    return input
  }

  /// Forward and backward alike.
  func applyDropout(to values: Matrix<Float>, _ rows: RaggedRows, _ key: RandomKey) {
    guard let dropout = DropoutPlace.classifier.dropout(dropout, key) else { return }
    applyRowDropout(dropout, to: values, rows: rows)
  }
}
