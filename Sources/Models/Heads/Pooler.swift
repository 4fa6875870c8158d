// How the hidden states of a row become one vector, its features.
//
// B rows, N hidden states that are read, H hidden size.

import Kernels
import Memory

/// Makes features of hidden states.
protocol Pooler {
  /// Which hidden states it reads.
  static func input(_ encoder: any EncoderConfiguration) -> QueryRange
  /// The tensors of its parameters, which lie before the classifier's.
  static func tensors(_ encoder: any EncoderConfiguration) -> [[ParameterLayout.Tensor]]
  /// What the names of the classifier's tensors begin with.
  static func classifierName(_ encoder: any EncoderConfiguration) -> String

  /// On parameters or gradients; the pooler's tensors come first.
  init(_ reader: SlotReader, _ encoder: any EncoderConfiguration)

  /// Memory for what a pass keeps.
  func memory(rows: Int, in workspace: Workspace) -> PoolerMemory
  /// `hidden [N, H]` → `memory.features [B, H]`, with dropout if there is a key.
  func forward(
    _ hidden: Matrix<Float>, _ rows: RaggedRows, _ key: RandomKey?, _ memory: PoolerMemory)
  /// Fills `pass.hiddenGradient` and the gradients of the parameters.
  func backward(_ pass: PoolerBackward, gradients: SlotReader)
}

extension Pooler {
  static func tensors(_ encoder: any EncoderConfiguration) -> [[ParameterLayout.Tensor]] { [] }
  static func classifierName(_ encoder: any EncoderConfiguration) -> String { "classifier" }
}

/// What a pooler's pass keeps; the most keep the features alone.
struct PoolerMemory {
  /// `[B, H]`
  let features: Matrix<Float>
  /// What the dense layer reads, where that is not the hidden states; scratch in the backward pass.
  /// `[B, H]`
  var input: Matrix<Float>?
  /// Slopes of the activation. `[B, H]`
  var slopes: Matrix<Float>?
  /// What the LayerNorm behind the activation reads, `[B, H]`, and its statistics.
  var activated: Matrix<Float>?
  var statistics: LayerNormStatistics?

  init(rows: Int, hidden: Int, in workspace: Workspace) {
    features = workspace.matrix(rows, hidden)
  }
}

/// What a pooler's backward pass reads and writes.
struct PoolerBackward {
  let rows: RaggedRows
  let key: RandomKey
  /// `[N, H]`, as the forward pass read them.
  let hidden: Matrix<Float>
  /// As the forward pass left it.
  let memory: PoolerMemory
  /// `[B, H]`; scratch afterwards.
  let featureGradient: Matrix<Float>
  /// `[N, H]`
  let hiddenGradient: Matrix<Float>
}

/// The mean of a row's hidden states.
struct MeanPooler: Pooler {
  private let hiddenSize: Int

  static func input(_ encoder: any EncoderConfiguration) -> QueryRange { .allTokens }

  init(_ reader: SlotReader, _ encoder: any EncoderConfiguration) {
    hiddenSize = encoder.hiddenSize
  }

  func memory(rows: Int, in workspace: Workspace) -> PoolerMemory {
    PoolerMemory(rows: rows, hidden: hiddenSize, in: workspace)
  }

  func forward(
    _ hidden: Matrix<Float>, _ rows: RaggedRows, _ key: RandomKey?, _ memory: PoolerMemory
  ) {
    meanPoolingForward(hidden, rows: rows, output: memory.features)
  }

  func backward(_ pass: PoolerBackward, gradients: SlotReader) {
    meanPoolingBackward(
      pass.featureGradient, rows: pass.rows, hiddenGradient: pass.hiddenGradient)
  }
}

/// The first token's hidden state as it is: what sentence encoders with `pooling_mode_cls_token`
/// read.
struct FirstTokenState: Pooler {
  private let hiddenSize: Int

  static func input(_ encoder: any EncoderConfiguration) -> QueryRange { .firstTokens }

  init(_ reader: SlotReader, _ encoder: any EncoderConfiguration) {
    hiddenSize = encoder.hiddenSize
  }

  func memory(rows: Int, in workspace: Workspace) -> PoolerMemory {
    PoolerMemory(rows: rows, hidden: hiddenSize, in: workspace)
  }

  func forward(
    _ hidden: Matrix<Float>, _ rows: RaggedRows, _ key: RandomKey?, _ memory: PoolerMemory
  ) {
    memory.features.vector.copy(from: hidden.vector)
  }

  func backward(_ pass: PoolerBackward, gradients: SlotReader) {
    pass.hiddenGradient.vector.copy(from: pass.featureGradient.vector)
  }
}
