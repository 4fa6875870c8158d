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
  let weights: RoundedMatrix

  init(
    configuration: BertConfiguration, pooling: Pooling, precision: ProductPrecision,
    parameters: HeadParameters
  ) {
    self.configuration = configuration
    self.pooling = pooling
    self.parameters = parameters
    weights = RoundedMatrix(parameters.classifier, precision)
  }

  private func dropout(_ moment: TrainingMoment?) -> Dropout? {
    DropoutPlace.classifier.dropout(
      configuration.classifierDropout ?? configuration.hiddenDropout, moment)
  }

  /// `hidden [T, H]` → `logits [B, L]`; the other three, `[B, H]`, are kept for the backward pass.
  func forward(
    _ hidden: Matrix<Float>, _ rows: RaggedRows, _ moment: TrainingMoment?,
    firstTokens: Matrix<Float>, pooled: Matrix<Float>, classified: RoundedMatrix,
    logits: Matrix<Float>
  ) {
    if let pooler = parameters.pooler, let bias = parameters.poolerBias {
      gatherFirstTokens(hidden, rows: rows, output: firstTokens)
      multiply(firstTokens, transposed: pooler, into: pooled)
      addBias(bias, to: pooled)
      applyTanh(pooled.vector)
    } else {
      meanPoolingForward(hidden, rows: rows, output: pooled)
    }
    classified.values.vector.copy(from: pooled.vector)
    if let dropout = dropout(moment) {
      applyDropout(dropout, to: classified.values, rows: rows.singleTokens)
    }
    classified.round()
    multiply(classified.operand, transposed: weights, into: logits)
    addBias(parameters.classifierBias, to: logits)
  }

  /// From `pass.logitGradients` to `pass.hiddenGradient`; fills `gradients`.
  func backward(_ pass: BertPass, gradients: HeadParameters, _ workspace: Workspace) {
    gradients.classifierBias.fill(0)
    gradients.poolerBias?.fill(0)
    let start = workspace.mark
    defer { workspace.release(to: start) }
    let gradient = workspace.matrix(pass.rows.count, configuration.hiddenSize)
    addColumnSums(of: pass.logitGradients, into: gradients.classifierBias)
    let logitGradients = RoundedMatrix(pass.logitGradients, pass.precision, in: workspace)
    logitGradients.round()
    multiply(
      transposed: logitGradients.operand, pass.classified.operand, into: gradients.classifier)
    multiply(logitGradients.operand, weights, into: gradient)
    if let dropout = dropout(pass.moment) {
      applyDropout(dropout, to: gradient, rows: pass.rows.singleTokens)
    }
    guard let pooler = parameters.pooler, let poolerGradient = gradients.pooler,
      let biasGradient = gradients.poolerBias
    else {
      return meanPoolingBackward(
        gradient, rows: pass.rows, hiddenGradient: pass.hiddenGradient)
    }
    tanhBackward(gradient.vector, output: pass.pooled.vector)
    addColumnSums(of: gradient, into: biasGradient)
    multiply(transposed: gradient, pass.firstTokens, into: poolerGradient)
    let first = workspace.matrix(pass.rows.count, configuration.hiddenSize)
    multiply(gradient, pooler, into: first)
    scatterFirstTokens(first, rows: pass.rows, hiddenGradient: pass.hiddenGradient)
  }

  /// Floats of workspace that `backward` takes for a while.
  static func temporarySize(
    _ configuration: BertConfiguration, _ precision: ProductPrecision, rows: Int, labelCount: Int
  ) -> Int {
    2 * Workspace.size(of: rows * configuration.hiddenSize)
      + RoundedMatrix.copySize(precision, of: rows * labelCount)
  }
}

extension RaggedRows {
  /// The same rows as single vectors: a pooled row is one token.
  fileprivate var singleTokens: RaggedRows {
    RaggedRows(offsets: Array(0...count), keys: keys)
  }
}
