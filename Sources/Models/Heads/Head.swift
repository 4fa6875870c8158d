// What a classifier knows of its head: hidden states -> logits. A head is its formula, forward and
// backward, and a line in `makeHeadConfiguration`.
//
// B rows, N hidden states that it reads (of all tokens, or of each row's first), H hidden
// size, L labels.

import Kernels
import Memory

/// How a row's hidden states become logits.
public enum Pooling: String, Sendable, CaseIterable {
  /// As the family's own class for classification does: BERT's has dense and tanh on the first
  /// token.
  case cls
  /// The mean of the last hidden states.
  case mean
  /// The last hidden state of the first token, as it is.
  case first
  /// For each label a mean of its own, weighted by attention to the row's tokens.
  case labelAttention = "label_attention"
}

/// The head of that name.
func makeHeadConfiguration(
  _ pooling: Pooling, _ encoder: any EncoderConfiguration, labelCount: Int
) -> any HeadConfiguration {
  switch pooling {
  case .cls: PooledHeadConfiguration(OwnHeadPooler.self, encoder, labelCount: labelCount)
  case .mean: PooledHeadConfiguration(MeanPooler.self, encoder, labelCount: labelCount)
  case .first: PooledHeadConfiguration(FirstTokenState.self, encoder, labelCount: labelCount)
  case .labelAttention: LabelAttentionConfiguration(encoder: encoder, labelCount: labelCount)
  }
}

/// The shape of a head.
protocol HeadConfiguration {
  /// Which hidden states it reads.
  var input: QueryRange { get }

  /// Appends the buckets of the head's parameters.
  /// - Parameter encoderIsFrozen: parts of the head that belong to the encoder are
  ///   then frozen, too.
  func appendBuckets(to layout: inout ParameterLayout, encoderIsFrozen: Bool)

  /// The head on those parameters.
  func makeHead(_ parameters: SlotReader, _ precision: ProductPrecision) -> any Head
}

/// Makes logits of hidden states.
protocol Head {
  /// The linear classifier that ends it, if it reads one vector of each row, the row's features:
  /// it can be trained alone on features that are kept.
  var probe: DenseClassifier? { get }
  /// The weights that products read in the precision of training.
  var weights: [MixedPrecisionMatrix] { get }

  /// A microbatch at the beginning of its way; what the pass keeps lies in the workspace.
  func begin(_ rows: RaggedRows, at key: RandomKey, in workspace: Workspace) -> any HeadPass
  /// Takes as much of the workspace as `begin`.
  func reservePass(tokens: Int, rows: Int, in workspace: Workspace)
  /// Takes as much of the workspace as forward and backward passes do, for a while.
  func reserveTemporaries(tokens: Int, rows: Int, in workspace: Workspace)

  /// `hidden [N, H]` → `logits [B, L]`, without dropout and in single precision.
  func forward(
    _ hidden: Matrix<Float>, _ rows: RaggedRows, logits: Matrix<Float>, in workspace: Workspace)
  /// Takes as much of the workspace as that.
  func reserveForward(tokens: Int, rows: Int, in workspace: Workspace)

  /// Sets `features [B, H]` to what the probe reads; takes no more of the workspace than `forward`.
  /// - Parameter hidden: `[N, H]`
  func pool(
    _ hidden: Matrix<Float>, _ rows: RaggedRows, features: Matrix<Float>, in workspace: Workspace)
}

/// One microbatch on its way through a head.
protocol HeadPass: AnyObject {
  /// `hidden [N, H]` → `logits [B, L]`
  func forward(_ hidden: Matrix<Float>, logits: Matrix<Float>)
  /// Fills the gradients of the parameters, and `hiddenGradient [N, H]`.
  /// - Parameters:
  ///   - hidden: what the forward pass read.
  ///   - logitGradients: `[B, L]`
  func backward(
    _ hidden: Matrix<Float>, logitGradients: Matrix<Float>, hiddenGradient: Matrix<Float>,
    gradients: SlotReader)
}
