// How the hidden states of a row become one vector, its features.
//
// B rows, N hidden states that are read, H hidden size.

import Kernels
import Memory

/// Makes features of hidden states.
protocol Pooler {
  /// Which hidden states it reads.
  static var input: QueryRange { get }
  /// The tensors of its parameters, which lie before the classifier's.
  static func tensors(_ encoder: any EncoderConfiguration) -> [[ParameterLayout.Tensor]]

  /// On parameters or gradients; the pooler's tensors come first.
  init(_ reader: SlotReader)

  /// `hidden [N, H]` → `features [B, H]`
  func forward(_ hidden: Matrix<Float>, _ rows: RaggedRows, features: Matrix<Float>)
  /// Fills `pass.hiddenGradient` and the gradients of the parameters.
  func backward(_ pass: PoolerBackward, gradients: SlotReader)
}

/// What a pooler's backward pass reads and writes.
struct PoolerBackward {
  let rows: RaggedRows
  /// `[N, H]`, as the forward pass read them.
  let hidden: Matrix<Float>
  /// `[B, H]`, as the forward pass left them.
  let features: Matrix<Float>
  /// `[B, H]`; scratch afterwards.
  let featureGradient: Matrix<Float>
  /// `[N, H]`
  let hiddenGradient: Matrix<Float>
}

/// The mean of a row's hidden states.
struct MeanPooler: Pooler {
  static var input: QueryRange { .allTokens }
  static func tensors(_ encoder: any EncoderConfiguration) -> [[ParameterLayout.Tensor]] { [] }

  init(_ reader: SlotReader) {}

  func forward(_ hidden: Matrix<Float>, _ rows: RaggedRows, features: Matrix<Float>) {
    meanPoolingForward(hidden, rows: rows, output: features)
  }

  func backward(_ pass: PoolerBackward, gradients: SlotReader) {
    meanPoolingBackward(
      pass.featureGradient, rows: pass.rows, hiddenGradient: pass.hiddenGradient)
  }
}

/// The first token's hidden state as it is: what sentence encoders with `pooling_mode_cls_token`
/// read.
struct FirstTokenState: Pooler {
  static var input: QueryRange { .firstTokens }
  static func tensors(_ encoder: any EncoderConfiguration) -> [[ParameterLayout.Tensor]] { [] }

  init(_ reader: SlotReader) {}

  func forward(_ hidden: Matrix<Float>, _ rows: RaggedRows, features: Matrix<Float>) {
    features.vector.copy(from: hidden.vector)
  }

  func backward(_ pass: PoolerBackward, gradients: SlotReader) {
    pass.hiddenGradient.vector.copy(from: pass.featureGradient.vector)
  }
}

/// BERT's pooler: dense and tanh on the first token. Its products are in single precision always:
/// they are few.
struct FirstTokenPooler: Pooler {
  /// `[H, H]`
  private let weight: Matrix<Float>
  /// `[H]`
  private let bias: Vector<Float>

  static var input: QueryRange { .firstTokens }
  static func tensors(_ encoder: any EncoderConfiguration) -> [[ParameterLayout.Tensor]] {
    let (name, hidden) = (encoder.tensorPrefix + "pooler.dense.", encoder.hiddenSize)
    return [[(name + "weight", [hidden, hidden])], [(name + "bias", [hidden])]]
  }

  init(_ reader: SlotReader) {
    var reader = reader
    weight = reader.matrix()
    bias = reader.vector()
  }

  func forward(_ hidden: Matrix<Float>, _ rows: RaggedRows, features: Matrix<Float>) {
    multiply(hidden, transposed: weight, into: features)
    addBias(bias, to: features)
    applyTanh(features.vector)
  }

  func backward(_ pass: PoolerBackward, gradients: SlotReader) {
    let gradients = FirstTokenPooler(gradients)
    gradients.bias.fill(0)
    tanhBackward(pass.featureGradient.vector, output: pass.features.vector)
    addColumnSums(of: pass.featureGradient, into: gradients.bias)
    multiply(transposed: pass.featureGradient, pass.hidden, into: gradients.weight)
    multiply(pass.featureGradient, weight, into: pass.hiddenGradient)
  }
}
