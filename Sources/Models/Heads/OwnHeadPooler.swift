// What a family's own class for classification has before its linear classifier: a dense layer and
// an activation on the first token's hidden state or on the mean, in some families with dropout
// before it or a LayerNorm behind it (OwnHead.swift). BERT's pooler is one.
//
// Its products are in single precision always: they are few.

import Kernels
import Memory

struct OwnHeadPooler: Pooler {
  private let shape: OwnHead
  /// `[H, H]`
  private let weight: Matrix<Float>
  /// `[H]`; nil for none.
  private let bias: Vector<Float>?
  /// Of the LayerNorm, `[H]`; nil for none, beta also where the LayerNorm has no bias.
  private let gamma: Vector<Float>?
  private let beta: Vector<Float>?
  /// Before the dense layer.
  private let dropout: Double
  /// What stands for a bias that there is none of; what is added to its gradient goes nowhere.
  private let none: Vector<Float>

  static func input(_ encoder: any EncoderConfiguration) -> QueryRange {
    encoder.ownHead.reading == .mean ? .allTokens : .firstTokens
  }

  static func classifierName(_ encoder: any EncoderConfiguration) -> String {
    encoder.ownHead.classifier
  }

  static func tensors(_ encoder: any EncoderConfiguration) -> [[ParameterLayout.Tensor]] {
    let (head, hidden) = (encoder.ownHead, encoder.hiddenSize)
    var tensors: [[ParameterLayout.Tensor]] = [[(head.dense + ".weight", [hidden, hidden])]]
    if head.hasBias { tensors.append([(head.dense + ".bias", [hidden])]) }
    if let norm = head.norm {
      tensors.append([(norm.name + ".weight", [hidden])])
      if norm.hasBias { tensors.append([(norm.name + ".bias", [hidden])]) }
    }
    return tensors
  }

  init(_ reader: SlotReader, _ encoder: any EncoderConfiguration) {
    var reader = reader
    shape = encoder.ownHead
    weight = reader.matrix()
    bias = shape.hasBias ? reader.vector() : nil
    gamma = shape.norm == nil ? nil : reader.vector()
    beta = shape.norm?.hasBias == true ? reader.vector() : nil
    dropout = shape.dropsInput ? encoder.classifierDropout ?? encoder.hiddenDropout : 0
    none = Vector(zeros: encoder.hiddenSize)
  }

  func memory(rows: Int, in workspace: Workspace) -> PoolerMemory {
    let hidden = weight.columns
    var memory = PoolerMemory(rows: rows, hidden: hidden, in: workspace)
    if shape.reading == .mean || shape.dropsInput { memory.input = workspace.matrix(rows, hidden) }
    if shape.activation == .gelu { memory.slopes = workspace.matrix(rows, hidden) }
    if shape.norm != nil {
      memory.activated = workspace.matrix(rows, hidden)
      memory.statistics = LayerNormStatistics(rows, workspace)
    }
    return memory
  }

  private var norm: LayerNormParameters? {
    guard let norm = shape.norm, let gamma else { return nil }
    return LayerNormParameters(gamma: gamma, beta: beta ?? none, epsilon: norm.epsilon)
  }

  func forward(
    _ hidden: Matrix<Float>, _ rows: RaggedRows, _ key: RandomKey?, _ memory: PoolerMemory
  ) {
    let input = memory.input ?? hidden
    switch shape.reading {
    case .mean: meanPoolingForward(hidden, rows: rows, output: input)
    case .firstToken: if let copy = memory.input { copy.vector.copy(from: hidden.vector) }
    }
    applyDropout(key, to: input, rows)
    let output = memory.activated ?? memory.features
    multiply(input, transposed: weight, into: output)
    activate(output, memory)
    guard let norm, let statistics = memory.statistics else { return }
    layerNormForward(input: output, norm, output: memory.features, statistics: statistics)
  }

  private func applyDropout(_ key: RandomKey?, to values: Matrix<Float>, _ rows: RaggedRows) {
    guard let dropout = DropoutPlace.head.dropout(dropout, key) else { return }
    Kernels.applyDropout(dropout, to: values, rows: rows.singleTokens)
  }

  private func activate(_ output: Matrix<Float>, _ memory: PoolerMemory) {
    switch (shape.activation, memory.slopes) {
    case (.gelu, let slopes?):
      geluForward(
        input: output, bias: bias ?? none, derivative: .float32(slopes), output: .float32(output))
    case (.relu, _):
      addBias(bias ?? none, to: output)
      applyReLU(output.vector)
    default:
      addBias(bias ?? none, to: output)
      applyTanh(output.vector)
    }
  }

  func backward(_ pass: PoolerBackward, gradients: SlotReader) {
    let (gradients, memory) = (OwnHeadPooler(gradients, like: self), pass.memory)
    let gradient = pass.featureGradient
    for sums in [gradients.bias, gradients.gamma, gradients.beta] { sums?.fill(0) }
    if let norm, let activated = memory.activated, let statistics = memory.statistics,
      let gamma = gradients.gamma
    {
      layerNormBackward(
        input: activated, statistics: statistics, norm, gradient: gradient,
        sums: LayerNormGradients(gamma: gamma, beta: gradients.beta ?? gradients.none))
    }
    deactivate(gradient, memory, biasGradient: gradients.bias ?? gradients.none)
    multiply(transposed: gradient, memory.input ?? pass.hidden, into: gradients.weight)
    switch shape.reading {
    case .firstToken:
      multiply(gradient, weight, into: pass.hiddenGradient)
      applyDropout(pass.key, to: pass.hiddenGradient, pass.rows)
    case .mean:
      guard let means = memory.input else { preconditionFailure("means are kept") }
      multiply(gradient, weight, into: means)
      applyDropout(pass.key, to: means, pass.rows)
      meanPoolingBackward(means, rows: pass.rows, hiddenGradient: pass.hiddenGradient)
    }
  }

  /// On gradients of the same shape.
  private init(_ reader: SlotReader, like pooler: OwnHeadPooler) {
    var reader = reader
    (shape, dropout) = (pooler.shape, 0)
    weight = reader.matrix()
    bias = shape.hasBias ? reader.vector() : nil
    gamma = shape.norm == nil ? nil : reader.vector()
    beta = shape.norm?.hasBias == true ? reader.vector() : nil
    none = Vector(zeros: weight.columns)
  }

  /// Turns the gradient of the activation's output into that of the dense layer's, and adds the
  /// sums of that.
  private func deactivate(
    _ gradient: Matrix<Float>, _ memory: PoolerMemory, biasGradient: Vector<Float>
  ) {
    let output = memory.activated ?? memory.features
    switch (shape.activation, memory.slopes) {
    case (.gelu, let slopes?):
      geluBackward(
        gradient: gradient, derivative: .float32(slopes), biasGradient: biasGradient,
        inputGradient: .float32(gradient))
    case (.relu, _):
      reluBackward(gradient.vector, output: output.vector)
      addColumnSums(of: gradient, into: biasGradient)
    default:
      tanhBackward(gradient.vector, output: output.vector)
      addColumnSums(of: gradient, into: biasGradient)
    }
  }
}
