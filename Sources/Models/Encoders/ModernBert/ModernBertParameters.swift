// The table of a ModernBERT's tensors: their Hugging Face names and their order in the buffer, and
// typed views of one bucket's part, of the parameters and of their gradients alike.

import Kernels
import Memory

extension ModernBertConfiguration {
  package func appendBuckets(to layout: inout ParameterLayout, freezing: EncoderFreezing) {
    let name = tensorPrefix + "embeddings."
    let lowest = ParameterBucket.Place(
      layersAbove: layerCount, isFrozen: freezing.includesEmbeddings)
    layout.append(
      "word embeddings", kind: .sparseRows(rows: vocabularySize, columns: hiddenSize),
      place: lowest, groups: [[(name + "tok_embeddings.weight", [vocabularySize, hiddenSize])]])
    layout.append("embeddings", place: lowest, groups: norm(name + "norm"))
    for layer in 0..<layerCount {
      layout.append(
        "layer \(layer)",
        place: .init(
          layersAbove: layerCount - 1 - layer, isFrozen: freezing.includes(layer: layer)),
        groups: tensors(ofLayer: layer))
    }
  }

  /// The first layer reads what the embeddings' LayerNorm puts out; the last LayerNorm is with the
  /// last layer.
  private func tensors(ofLayer layer: Int) -> [[ParameterLayout.Tensor]] {
    let (hidden, inner) = (hiddenSize, intermediateSize)
    let name = tensorPrefix + "layers.\(layer)."
    return (layer == 0 ? [] : norm(name + "attn_norm"))
      + dense(name + "attn.Wqkv", [3 * hidden, hidden], hasBias: attentionBias)
      + dense(name + "attn.Wo", [hidden, hidden], hasBias: attentionBias)
      + norm(name + "mlp_norm") + dense(name + "mlp.Wi", [2 * inner, hidden], hasBias: mlpBias)
      + dense(name + "mlp.Wo", [hidden, inner], hasBias: mlpBias)
      + (layer == layerCount - 1 ? norm(tensorPrefix + "final_norm") : [])
  }

  private func norm(_ name: String) -> [[ParameterLayout.Tensor]] {
    dense(name, [hiddenSize], hasBias: normBias)
  }

  private func dense(
    _ name: String, _ shape: [Int], hasBias: Bool
  ) -> [[ParameterLayout.Tensor]] {
    [[(name + ".weight", shape)]] + (hasBias ? [[(name + ".bias", [shape[0]])]] : [])
  }
}

/// A LayerNorm's parameters, or their gradients.
struct ModernBertNorm {
  /// `[H]`
  let gamma: Vector<Float>
  /// `[H]`; nil for none.
  let beta: Vector<Float>?

  init(_ reader: inout SlotReader, _ configuration: ModernBertConfiguration) {
    gamma = reader.vector()
    beta = configuration.normBias ? reader.vector() : nil
  }

  /// As kernels read them.
  func parameters(
    _ configuration: ModernBertConfiguration, none: Vector<Float>
  ) -> LayerNormParameters {
    LayerNormParameters(gamma: gamma, beta: beta ?? none, epsilon: configuration.normEpsilon)
  }

  /// As kernels add to them, set to 0.
  func sums(none: Vector<Float>) -> LayerNormGradients {
    gamma.fill(0)
    beta?.fill(0)
    return LayerNormGradients(gamma: gamma, beta: beta ?? none)
  }
}

/// A dense layer's parameters, or their gradients.
struct ModernBertDense {
  /// `[m, n]`
  let weight: Matrix<Float>
  /// `[m]`; nil for none.
  let bias: Vector<Float>?

  init(_ reader: inout SlotReader, hasBias: Bool) {
    weight = reader.matrix()
    bias = hasBias ? reader.vector() : nil
  }
}

/// One layer's parameters, or their gradients.
struct ModernBertLayerParameters {
  /// nil in the first layer.
  let attentionNorm: ModernBertNorm?
  /// Queries, keys and values. `[3H, H]`
  let qkv: ModernBertDense
  /// `[H, H]`
  let attentionDense: ModernBertDense
  let norm: ModernBertNorm
  /// What goes through the activation, and what it is multiplied by. `[2I, H]`
  let gated: ModernBertDense
  /// `[H, I]`
  let dense: ModernBertDense
  /// That of the encoder's output; nil but in the last layer.
  let finalNorm: ModernBertNorm?

  init(_ reader: SlotReader, _ configuration: ModernBertConfiguration, layer: Int) {
    var reader = reader
    attentionNorm = layer == 0 ? nil : ModernBertNorm(&reader, configuration)
    qkv = ModernBertDense(&reader, hasBias: configuration.attentionBias)
    attentionDense = ModernBertDense(&reader, hasBias: configuration.attentionBias)
    norm = ModernBertNorm(&reader, configuration)
    gated = ModernBertDense(&reader, hasBias: configuration.mlpBias)
    dense = ModernBertDense(&reader, hasBias: configuration.mlpBias)
    finalNorm =
      layer == configuration.layerCount - 1 ? ModernBertNorm(&reader, configuration) : nil
  }
}

/// One layer's weights as products read them.
struct ModernBertLayerWeights {
  let qkv: MixedPrecisionMatrix
  let attentionDense: MixedPrecisionMatrix
  let gated: MixedPrecisionMatrix
  let dense: MixedPrecisionMatrix

  init(_ parameters: ModernBertLayerParameters, _ precision: ProductPrecision) {
    qkv = MixedPrecisionMatrix(parameters.qkv.weight, precision)
    attentionDense = MixedPrecisionMatrix(parameters.attentionDense.weight, precision)
    gated = MixedPrecisionMatrix(parameters.gated.weight, precision)
    dense = MixedPrecisionMatrix(parameters.dense.weight, precision)
  }

  var all: [MixedPrecisionMatrix] { [qkv, attentionDense, gated, dense] }
}
