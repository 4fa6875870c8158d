// The passes of a label-attention head, block by block of labels.
//
// T tokens, B rows, H hidden size, L labels, K labels of a block.

import Kernels
import Memory

/// K: enough for products to be fast, and few enough for scores and values to stay in
/// the processor's caches.
private let blockSize = 512

/// The most labels whose scores and values are kept for the backward pass: 16 kB a token, while a
/// small encoder of six layers keeps 140. Of more labels they are computed again, and memory does
/// not grow with their number.
private let mostKeptLabels = 2_048

/// Scores and values of some labels. `[T, K]` each
struct LabelAttentionProducts {
  let scores: Matrix<Float>
  let values: Matrix<Float>

  init(tokens: Int, labels: Int, in workspace: Workspace) {
    scores = workspace.matrix(tokens, labels)
    values = workspace.matrix(tokens, labels)
  }

  private init(scores: Matrix<Float>, values: Matrix<Float>) {
    (self.scores, self.values) = (scores, values)
  }

  func labels(_ range: Range<Int>) -> LabelAttentionProducts {
    LabelAttentionProducts(scores: scores.columns(range), values: values.columns(range))
  }
}

/// What a pass keeps between forward and backward.
struct LabelAttentionMemory {
  let statistics: LabelAttentionStatistics
  /// Of all labels; nil if the backward pass computes them again.
  let products: LabelAttentionProducts?
}

extension LabelAttentionMemory {
  init(_ head: LabelAttentionHead, tokens: Int, rows: Int, in workspace: Workspace) {
    let labels = head.labelCount
    self.init(
      statistics: LabelAttentionStatistics(rows: rows, labels: labels, in: workspace),
      products: labels > mostKeptLabels
        ? nil : LabelAttentionProducts(tokens: tokens, labels: labels, in: workspace))
  }
}

/// Some of the labels on their way through the head.
private struct LabelAttentionBlock {
  let labels: Range<Int>
  /// Of W. `[K, H]`
  let classifier: MixedPrecisionMatrix
  /// Of U. `[K, H]`
  let queries: MixedPrecisionMatrix
  /// `[T, K]`; the gradient takes its place, or that of its rounded values.
  let scores: MixedPrecisionMatrix
  /// Likewise.
  let values: MixedPrecisionMatrix

  init(
    _ labels: Range<Int>, of head: LabelAttentionHead, _ products: LabelAttentionProducts,
    _ precision: ProductPrecision, in workspace: Workspace
  ) {
    self.labels = labels
    classifier = head.classifier.rows(labels)
    queries = head.queries.rows(labels)
    scores = MixedPrecisionMatrix(products.scores, precision, in: workspace)
    values = MixedPrecisionMatrix(products.values, precision, in: workspace)
  }

  /// Makes scores and values of the input `[T, H]`.
  func multiply(_ input: MixedPrecisionMatrix) {
    Kernels.multiply(input.operand, transposed: queries, into: scores.values)
    Kernels.multiply(input.operand, transposed: classifier, into: values.values)
  }
}

extension LabelAttentionHead {
  /// Takes what a block does.
  func reserveBlock(_ precision: ProductPrecision, tokens: Int, in workspace: Workspace) {
    let labels = min(labelCount, blockSize)
    _ = LabelAttentionProducts(tokens: tokens, labels: labels, in: workspace)
    for _ in 0..<2 { MixedPrecisionMatrix.reserveCopy(precision, tokens, labels, in: workspace) }
  }

  /// Calls `body` with each block of labels.
  private func forEachBlock(
    of input: MixedPrecisionMatrix, _ memory: LabelAttentionMemory, in workspace: Workspace,
    _ body: (LabelAttentionBlock) -> Void
  ) {
    for start in stride(from: 0, to: labelCount, by: blockSize) {
      let labels = start..<min(start + blockSize, labelCount)
      workspace.temporarily {
        let products =
          memory.products?.labels(labels)
          ?? LabelAttentionProducts(
            tokens: input.values.rows, labels: labels.count, in: workspace)
        body(LabelAttentionBlock(labels, of: self, products, input.precision, in: workspace))
      }
    }
  }

  /// Fills the memory and the logits.
  /// - Parameter input: `[T, H]`
  func forward(
    _ input: MixedPrecisionMatrix, _ rows: RaggedRows, _ memory: LabelAttentionMemory,
    logits: Matrix<Float>, in workspace: Workspace
  ) {
    forEachBlock(of: input, memory, in: workspace) { block in
      block.multiply(input)
      labelAttentionForward(
        scores: block.scores.values, values: block.values.values, rows: rows,
        statistics: memory.statistics.labels(block.labels))
    }
    logits.vector.copy(from: memory.statistics.means.vector)
    addBias(bias, to: logits)
  }

  /// Fills the gradients of the parameters, and `gradients.input`.
  /// - Parameter input: what the forward pass read. `[T, H]`
  fileprivate func backward(
    _ input: MixedPrecisionMatrix, _ rows: RaggedRows, _ memory: LabelAttentionMemory,
    _ gradients: LabelAttentionGradients, in workspace: Workspace
  ) {
    let parameters = gradients.parameters
    parameters.classifier.bias.fill(0)
    addColumnSums(of: gradients.logits, into: parameters.classifier.bias)
    forEachBlock(of: input, memory, in: workspace) { block in
      let labels = block.labels
      if memory.products == nil { block.multiply(input) }
      labelAttentionBackward(
        scores: block.scores, values: block.values, rows: rows,
        statistics: memory.statistics.labels(labels), gradients: gradients.logits.columns(labels))
      let (scores, values) = (block.scores.operand, block.values.operand)
      multiply(
        transposed: values, input.operand, into: parameters.classifier.weight.rows(labels))
      multiply(transposed: scores, input.operand, into: parameters.queries.rows(labels))
      multiply(values, block.classifier, into: gradients.input, accumulate: labels.lowerBound > 0)
      multiply(scores, block.queries, into: gradients.input, accumulate: true)
    }
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
final class LabelAttentionPass: HeadPass {
  private let head: LabelAttentionHead
  private let rows: RaggedRows
  private let key: RandomKey
  private let workspace: Workspace
  private let memory: LabelAttentionMemory

  init(
    _ head: LabelAttentionHead, _ rows: RaggedRows, _ key: RandomKey, _ workspace: Workspace
  ) {
    (self.head, self.rows, self.key, self.workspace) = (head, rows, key, workspace)
    memory = LabelAttentionMemory(
      head, tokens: rows.tokenCount, rows: rows.count, in: workspace)
  }

  func forward(_ hidden: Matrix<Float>, logits: Matrix<Float>) {
    workspace.temporarily {
      head.forward(
        head.input(hidden, rows, key, in: workspace), rows, memory, logits: logits, in: workspace)
    }
  }

  func backward(
    _ hidden: Matrix<Float>, logitGradients: Matrix<Float>, hiddenGradient: Matrix<Float>,
    gradients: SlotReader
  ) {
    workspace.temporarily {
      head.backward(
        head.input(hidden, rows, key, in: workspace), rows, memory,
        LabelAttentionGradients(
          logits: logitGradients, parameters: LabelAttentionParameters(gradients),
          input: hiddenGradient),
        in: workspace)
    }
    head.applyDropout(to: hiddenGradient, rows, key)
  }
}
