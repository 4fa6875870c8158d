// What goes into and out of a BERT layer, and its weights as products read them.
//
// T tokens, Q of which the output is wanted, H hidden.

import Kernels
import Memory

/// One microbatch in one layer.
struct LayerPass {
  /// `[T, H]`
  let input: MixedPrecisionMatrix
  let rows: RaggedRows
  /// Of dropout; nil for none.
  let key: RandomKey?
  /// What the forward pass leaves and the backward pass reads.
  let activations: LayerActivations
  let workspace: Workspace

  /// Those lines of the input that have an output. `[Q, H]`
  var attending: MixedPrecisionMatrix { activations.attending(input) }

  /// Q.
  func outputCount(_ range: QueryRange) -> Int { range.count(MicrobatchSize(rows)) }
}

/// The gradients that go into and out of a layer's backward pass.
struct LayerGradients {
  /// `[Q, H]`, of the output; scratch afterwards. If the output is that of all tokens it is `input`
  /// itself.
  let output: Matrix<Float>
  /// `[T, H]`
  let input: Matrix<Float>
  let parameters: BertLayerParameters
  /// What distances have as gradients, added to; nil in families without.
  let relative: Vector<Float>?
}

/// What a layer's attention needs besides its parameters.
struct LayerAttention {
  /// The program's scratch.
  let scratch: AttentionScratch
  /// What distances add to scores; nil in families without.
  let relative: RelativePositions?
}

/// One layer's weights as products read them.
struct BertLayerWeights {
  /// Queries, keys and values, and parts of that.
  let qkv: MixedPrecisionMatrix
  let queries: MixedPrecisionMatrix
  let keysAndValues: MixedPrecisionMatrix
  let attentionDense: MixedPrecisionMatrix
  let intermediate: MixedPrecisionMatrix
  let dense: MixedPrecisionMatrix

  init(_ parameters: BertLayerParameters, _ precision: ProductPrecision) {
    qkv = MixedPrecisionMatrix(parameters.qkv, precision)
    let hidden = parameters.qkv.columns
    queries = qkv.rows(0..<hidden)
    keysAndValues = qkv.rows(hidden..<3 * hidden)
    attentionDense = MixedPrecisionMatrix(parameters.attentionDense, precision)
    intermediate = MixedPrecisionMatrix(parameters.intermediate, precision)
    dense = MixedPrecisionMatrix(parameters.dense, precision)
  }

  var all: [MixedPrecisionMatrix] { [qkv, attentionDense, intermediate, dense] }
}
