// What a classifier knows of its encoder: token ids -> hidden states. An encoder is a configuration
// with its table of tensors, the blocks that these parameters belong to, and a line
// in `makeEncoderConfiguration` (Directory/EncoderRegistry.swift).
//
// T tokens, B rows, H hidden size, N hidden states that are put out: of all tokens, or of
// each row's first.

import Data
import Kernels
import Memory
import Storage

/// The shape of an encoder, as `config.json` of a Hugging Face directory states it.
package protocol EncoderConfiguration: Sendable {
  /// V, entries of the vocabulary.
  var vocabularySize: Int { get }
  /// H, the hidden size.
  var hiddenSize: Int { get }
  /// Number of layers.
  var layerCount: Int { get }
  /// Tokens of the longest row that has position embeddings.
  var maximumPositions: Int { get }
  /// Standard deviation of new weights.
  var initializerRange: Double { get }
  /// Dropout of hidden states.
  var hiddenDropout: Double { get set }
  /// Dropout of attention probabilities.
  var attentionDropout: Double { get set }
  /// Dropout before the classifier; nil stands for that of hidden states.
  var classifierDropout: Double? { get set }
  /// The keys of `config.json` that these values fill.
  var json: JSONObject { get }
  /// What the names of the encoder's tensors begin with in a classifier's file; the files of an
  /// encoder alone do without.
  var tensorPrefix: String { get }
  /// The family's `model_type` in `config.json`.
  var modelType: String { get }
  /// Hugging Face's class with the family's own head, and that head.
  var className: String { get }
  var ownHead: OwnHead { get }

  /// Appends the buckets of the encoder's parameters, from the input to the output.
  func appendBuckets(to layout: inout ParameterLayout, freezing: EncoderFreezing)

  /// The encoder on parameters that lie in `store` as `appendBuckets` has laid them out, from
  /// bucket 0 on.
  func makeEncoder(_ layout: ParameterLayout, _ store: ParameterStore, _ use: EncoderUse)
    -> any Encoder
}

/// What an encoder is to be used for.
package struct EncoderUse {
  /// Which hidden states are read.
  let output: QueryRange
  /// Of the products of training.
  let precision: ProductPrecision
  let freezing: EncoderFreezing
  /// Tokens of the longest row that will come.
  let longestRow: Int
}

/// Makes hidden states of token ids, bucket by bucket.
package protocol Encoder {
  /// Its buckets are the first ones of the layout.
  var bucketCount: Int { get }
  /// What hidden states depend on besides the parameters.
  var constants: String { get }

  /// The weights of a bucket that products read in the precision of training.
  func weights(ofBucket bucket: Int) -> [MixedPrecisionMatrix]

  /// A microbatch at the beginning of its way; what the pass keeps lies in the workspace.
  func begin(
    _ batch: Batch, _ rows: RaggedRows, at key: RandomKey, in workspace: Workspace
  ) -> any EncoderPass
  /// Takes as much of the workspace as `begin`.
  func reservePass(tokens: Int, rows: Int, in workspace: Workspace)
  /// Takes as much of the workspace as a forward or backward pass does besides, for a while.
  func reserveTemporaries(tokens: Int, rows: Int, in workspace: Workspace)

  /// Hidden states `[N, H]` without dropout, in single precision.
  func hiddenStates(_ batch: Batch, _ rows: RaggedRows, in workspace: Workspace) -> Matrix<Float>
  /// Takes as much of the workspace as `hiddenStates`.
  func reserveHiddenStates(tokens: Int, rows: Int, in workspace: Workspace)
}

/// One microbatch on its way through an encoder.
package protocol EncoderPass: AnyObject {
  /// The hidden states, after the forward pass of the last bucket. `[N, H]`
  var output: MixedPrecisionMatrix { get }
  /// Their gradient, to be filled before the backward pass. `[N, H]`
  var outputGradient: Matrix<Float> { get }

  /// Runs the microbatch through a bucket's part, with dropout if it is trained.
  func forward(bucket: Int)
  /// The gradient of a dense bucket, which `gradient` reads.
  func backward(bucket: Int, gradient: SlotReader)
  /// The gradient of the word embeddings.
  func backward(rows gradient: SparseRowsBuffer)
}
