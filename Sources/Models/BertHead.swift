// From the last hidden states to logits: pooling, dropout, classifier.
//
// T tokens, B rows, H hidden, L labels. The pooler's products are in single precision always: they
// are few.

import Kernels
import Memory

struct BertHead {
  let configuration: BertConfiguration
  let pooling: Pooling
  let parameters: HeadParameters
  /// The classifier's weights as products read them.
  let weights: MixedPrecisionMatrix

  init(
    configuration: BertConfiguration, pooling: Pooling, precision: ProductPrecision,
    parameters: HeadParameters
  ) {
    self.configuration = configuration
    self.pooling = pooling
    self.parameters = parameters
    weights = MixedPrecisionMatrix(parameters.classifier, precision)
  }

  private func dropout(_ moment: RandomKey?) -> Dropout? {
    DropoutPlace.classifier.dropout(
      configuration.classifierDropout ?? configuration.hiddenDropout, moment)
  }

  /// `hidden` → `logits [B, L]`; the other two, `[B, H]`, are kept for the backward pass.
  /// - Parameter hidden: `[B, H]` of first tokens where there is a pooler, else `[T, H]`.
  func forward(
    _ hidden: Matrix<Float>, _ rows: RaggedRows, _ moment: RandomKey?, pooled: Matrix<Float>,
    classified: MixedPrecisionMatrix, logits: Matrix<Float>
  ) {
    pool(hidden, rows, pooled: pooled)
    classify(pooled, rows.singleTokens, moment, classified: classified, logits: logits)
  }

  /// `hidden`, as `forward` reads it, → `pooled [B, H]`.
  func pool(_ hidden: Matrix<Float>, _ rows: RaggedRows, pooled: Matrix<Float>) {
    if let pooler = parameters.pooler, let bias = parameters.poolerBias {
      multiply(hidden, transposed: pooler, into: pooled)
      addBias(bias, to: pooled)
      applyTanh(pooled.vector)
    } else {
      meanPoolingForward(hidden, rows: rows, output: pooled)
    }
  }

  /// `pooled [B, H]` → `logits [B, L]`; `classified [B, H]` is kept for the backward pass.
  /// - Parameter rows: one vector each.
  func classify(
    _ pooled: Matrix<Float>, _ rows: RaggedRows, _ moment: RandomKey?,
    classified: MixedPrecisionMatrix, logits: Matrix<Float>
  ) {
    classified.values.vector.copy(from: pooled.vector)
    if let dropout = dropout(moment) {
      applyDropout(dropout, to: classified.values, rows: rows)
    }
    classified.round()
    multiply(classified.operand, transposed: weights, into: logits)
    addBias(parameters.classifierBias, to: logits)
  }

  /// From `pass.logitGradients` to `pass.headInputGradient`; fills `gradients`.
  func backward(_ pass: BertPass, gradients: HeadParameters, _ workspace: Workspace) {
    gradients.poolerBias?.fill(0)
    let start = workspace.mark
    defer { workspace.release(to: start) }
    let gradient = workspace.matrix(pass.rows.count, configuration.hiddenSize)
    classifierBackward(
      logitGradients: pass.logitGradients, classified: pass.classified, gradients: gradients,
      inputGradient: gradient, workspace)
    if let dropout = dropout(pass.moment) {
      applyDropout(dropout, to: gradient, rows: pass.rows.singleTokens)
    }
    guard let pooler = parameters.pooler, let poolerGradient = gradients.pooler,
      let biasGradient = gradients.poolerBias
    else {
      return meanPoolingBackward(
        gradient, rows: pass.rows, hiddenGradient: pass.headInputGradient)
    }
    tanhBackward(gradient.vector, output: pass.pooled.vector)
    addColumnSums(of: gradient, into: biasGradient)
    multiply(transposed: gradient, pass.headInput.values, into: poolerGradient)
    multiply(gradient, pooler, into: pass.headInputGradient)
  }

  /// Fills the classifier's part of `gradients` and, where it is asked for, `inputGradient [B, H]`, the
  /// gradient of what the classifier read.
  func classifierBackward(
    logitGradients: Matrix<Float>, classified: MixedPrecisionMatrix, gradients: HeadParameters,
    inputGradient: Matrix<Float>?, _ workspace: Workspace
  ) {
    let start = workspace.mark
    defer { workspace.release(to: start) }
    gradients.classifierBias.fill(0)
    addColumnSums(of: logitGradients, into: gradients.classifierBias)
    let rounded = MixedPrecisionMatrix(logitGradients, classified.precision, in: workspace)
    rounded.round()
    multiply(transposed: rounded.operand, classified.operand, into: gradients.classifier)
    if let inputGradient { multiply(rounded.operand, weights, into: inputGradient) }
  }

  /// Floats of workspace that `backward` takes for a while.
  static func temporarySize(
    _ configuration: BertConfiguration, _ precision: ProductPrecision, rows: Int, labelCount: Int
  ) -> Int {
    Workspace.size(of: rows * configuration.hiddenSize)
      + MixedPrecisionMatrix.copySize(precision, of: rows * labelCount)
  }
}
