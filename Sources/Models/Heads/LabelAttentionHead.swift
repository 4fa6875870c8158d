// Label attention: each label weights a row's tokens by a softmax of its own. Mullenbach and others, "Explainable
// Prediction of Medical Codes from Clinical Text" (2018), without their convolution and tanh.
//
// scores = H·Uᵀ, values = H·Wᵀ, logit = Σ softmax(score)·value + b, over the row's tokens. With U = 0, where
// training begins, that is a linear classifier on the mean of the hidden states. docs/backward.md has the backward pass.
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

/// A softmax over tokens for each label. Labels are worked on in blocks, so that memory does not grow with their number;
/// the backward pass computes scores and values again.
struct LabelAttentionHead: Head {
  private let bias: Vector<Float>
  /// W.
  let classifier: MixedPrecisionMatrix
  /// U.
  let queries: MixedPrecisionMatrix
  /// Of the hidden states, one mask for all tokens of a row: with U = 0 that of their mean.
  private let dropout: Double

  /// K: enough for products to be fast, and few enough for scores and values to stay in the processor's caches.
  private static let blockSize = 512

  init(_ parameters: LabelAttentionParameters, dropout: Double, _ precision: ProductPrecision) {
    bias = parameters.classifier.bias
    classifier = MixedPrecisionMatrix(parameters.classifier.weight, precision)
    queries = MixedPrecisionMatrix(parameters.queries, precision)
    self.dropout = dropout
  }

  private var labelCount: Int { bias.count }
  private var hiddenSize: Int { queries.values.columns }
  fileprivate var precision: ProductPrecision { queries.precision }

  var probe: DenseClassifier? { nil }
  var weights: [MixedPrecisionMatrix] { [classifier, queries] }

  private func dropout(_ key: RandomKey?) -> Dropout? {
    DropoutPlace.classifier.dropout(dropout, key)
  }

  func begin(_ rows: RaggedRows, at key: RandomKey, in workspace: Workspace) -> any HeadPass {
    LabelAttentionPass(self, rows, key, workspace)
  }

  fileprivate func statistics(rows: Int, in workspace: Workspace) -> LabelAttentionStatistics {
    LabelAttentionStatistics(rows: rows, labels: labelCount, in: workspace)
  }

  func reservePass(rows: Int, in workspace: Workspace) {
    _ = statistics(rows: rows, in: workspace)
  }

  func reserveTemporaries(tokens: Int, rows: Int, in workspace: Workspace) {
    workspace.temporarily { reserve(precision, tokens: tokens, in: workspace) }
  }

  func reserveForward(tokens: Int, rows: Int, in workspace: Workspace) {
    _ = statistics(rows: rows, in: workspace)
    reserve(.float32, tokens: tokens, in: workspace)
  }

  private func reserve(_ precision: ProductPrecision, tokens: Int, in workspace: Workspace) {
    _ = MixedPrecisionMatrix(precision, tokens, hiddenSize, in: workspace)
    _ = block(0..<min(labelCount, Self.blockSize), precision, tokens: tokens, in: workspace)
  }

  func forward(
    _ hidden: Matrix<Float>, _ rows: RaggedRows, logits: Matrix<Float>, in workspace: Workspace
  ) {
    let statistics = statistics(rows: rows.count, in: workspace)
    forward(
      MixedPrecisionMatrix(hidden, .float32), rows, statistics, logits: logits, in: workspace)
  }

  func pool(_ hidden: Matrix<Float>, _ rows: RaggedRows, features: Matrix<Float>) {
    preconditionFailure("label attention reads all hidden states: a row has no features")
  }

  /// The hidden states after dropout, as products read them. `[T, H]`
  fileprivate func input(
    _ hidden: Matrix<Float>, _ rows: RaggedRows, _ key: RandomKey, in workspace: Workspace
  ) -> MixedPrecisionMatrix {
    let input = MixedPrecisionMatrix(precision, hidden.rows, hiddenSize, in: workspace)
    input.values.vector.copy(from: hidden.vector)
    if let dropout = dropout(key) { applyRowDropout(dropout, to: input.values, rows: rows) }
    input.round()
    return input
  }

  /// Calls `body` with each block of labels, and memory for it.
  private func forEachBlock(
    _ precision: ProductPrecision, tokens: Int, in workspace: Workspace,
    _ body: (LabelAttentionBlock) -> Void
  ) {
    for start in stride(from: 0, to: labelCount, by: Self.blockSize) {
      let labels = start..<min(start + Self.blockSize, labelCount)
      workspace.temporarily { body(block(labels, precision, tokens: tokens, in: workspace)) }
    }
  }

  private func block(
    _ labels: Range<Int>, _ precision: ProductPrecision, tokens: Int, in workspace: Workspace
  ) -> LabelAttentionBlock {
    LabelAttentionBlock(
      labels: labels, classifier: classifier.rows(labels), queries: queries.rows(labels),
      scores: MixedPrecisionMatrix(precision, tokens, labels.count, in: workspace),
      values: MixedPrecisionMatrix(precision, tokens, labels.count, in: workspace))
  }

  /// Fills the statistics and the logits.
  /// - Parameter input: `[T, H]`
  fileprivate func forward(
    _ input: MixedPrecisionMatrix, _ rows: RaggedRows, _ statistics: LabelAttentionStatistics,
    logits: Matrix<Float>, in workspace: Workspace
  ) {
    forEachBlock(input.precision, tokens: rows.tokenCount, in: workspace) { block in
      block.multiply(input)
      labelAttentionForward(
        scores: block.scores.values, values: block.values.values, rows: rows,
        statistics: statistics.labels(block.labels))
    }
    logits.vector.copy(from: statistics.means.vector)
    addBias(bias, to: logits)
  }

  /// Fills the gradients of the parameters, and `inputGradient [T, H]`.
  fileprivate func backward(
    _ input: MixedPrecisionMatrix, _ rows: RaggedRows, _ statistics: LabelAttentionStatistics,
    _ gradients: LabelAttentionGradients, in workspace: Workspace
  ) {
    let parameters = gradients.parameters
    parameters.classifier.bias.fill(0)
    addColumnSums(of: gradients.logits, into: parameters.classifier.bias)
    forEachBlock(input.precision, tokens: rows.tokenCount, in: workspace) { block in
      let labels = block.labels
      block.multiply(input)
      labelAttentionBackward(
        scores: block.scores, values: block.values, rows: rows,
        statistics: statistics.labels(labels), gradients: gradients.logits.columns(labels))
      let (scores, values) = (block.scores.operand, block.values.operand)
      multiply(
        transposed: values, input.operand, into: parameters.classifier.weight.rows(labels))
      multiply(transposed: scores, input.operand, into: parameters.queries.rows(labels))
      multiply(
        values, block.classifier, into: gradients.input, accumulate: labels.lowerBound > 0)
      multiply(scores, block.queries, into: gradients.input, accumulate: true)
    }
  }

  /// The gradient of the hidden states is that of the input through the same mask.
  fileprivate func undoDropout(_ gradient: Matrix<Float>, _ rows: RaggedRows, _ key: RandomKey) {
    if let dropout = dropout(key) { applyRowDropout(dropout, to: gradient, rows: rows) }
  }
}

/// Some of the labels on their way through the head. The gradients of scores and values take their places.
private struct LabelAttentionBlock {
  let labels: Range<Int>
  /// Of W. `[K, H]`
  let classifier: MixedPrecisionMatrix
  /// Of U. `[K, H]`
  let queries: MixedPrecisionMatrix
  /// `[T, K]`
  let scores: MixedPrecisionMatrix
  /// `[T, K]`
  let values: MixedPrecisionMatrix

  /// Makes scores and values of the input `[T, H]`.
  func multiply(_ input: MixedPrecisionMatrix) {
    Kernels.multiply(input.operand, transposed: queries, into: scores.values)
    Kernels.multiply(input.operand, transposed: classifier, into: values.values)
  }
}

/// What a backward pass reads and fills.
private struct LabelAttentionGradients {
  /// `[B, L]`, read.
  let logits: Matrix<Float>
  let parameters: LabelAttentionParameters
  /// `[T, H]`
  let input: Matrix<Float>
}

/// One microbatch on its way through label attention.
private final class LabelAttentionPass: HeadPass {
  private let head: LabelAttentionHead
  private let rows: RaggedRows
  private let key: RandomKey
  private let workspace: Workspace
  private let statistics: LabelAttentionStatistics

  init(
    _ head: LabelAttentionHead, _ rows: RaggedRows, _ key: RandomKey, _ workspace: Workspace
  ) {
    (self.head, self.rows, self.key, self.workspace) = (head, rows, key, workspace)
    statistics = head.statistics(rows: rows.count, in: workspace)
  }

  func forward(_ hidden: Matrix<Float>, logits: Matrix<Float>) {
    workspace.temporarily {
      head.forward(
        head.input(hidden, rows, key, in: workspace), rows, statistics, logits: logits,
        in: workspace)
    }
  }

  func backward(
    _ hidden: Matrix<Float>, logitGradients: Matrix<Float>, hiddenGradient: Matrix<Float>,
    gradients: SlotReader
  ) {
    workspace.temporarily {
      head.backward(
        head.input(hidden, rows, key, in: workspace), rows, statistics,
        LabelAttentionGradients(
          logits: logitGradients, parameters: LabelAttentionParameters(gradients),
          input: hiddenGradient),
        in: workspace)
    }
    head.undoDropout(hiddenGradient, rows, key)
  }
}
