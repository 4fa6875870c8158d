// The table of a BERT's tensors: their Hugging Face names and their order in the buffer, and typed
// views of one layer's part, of the parameters and of their gradients alike.

import Memory

extension BertConfiguration {
  package var tensorPrefix: String { "bert." }

  package func appendBuckets(to layout: inout ParameterLayout, freezing: EncoderFreezing) {
    let name = tensorPrefix + "embeddings."
    let lowest = ParameterBucket.Place(
      layersAbove: layerCount, isFrozen: freezing.includesEmbeddings)
    layout.append(
      "word embeddings", kind: .sparseRows(rows: vocabularySize, columns: hiddenSize),
      place: lowest, groups: [[(name + "word_embeddings.weight", [vocabularySize, hiddenSize])]])
    layout.append(
      "embeddings", place: lowest,
      groups: [
        [(name + "position_embeddings.weight", [maximumPositions, hiddenSize])],
        [(name + "token_type_embeddings.weight", [typeCount, hiddenSize])],
        [(name + "LayerNorm.weight", [hiddenSize])],
        [(name + "LayerNorm.bias", [hiddenSize])],
      ])
    for layer in 0..<layerCount {
      layout.append(
        "layer \(layer)",
        place: .init(
          layersAbove: layerCount - 1 - layer, isFrozen: freezing.includes(layer: layer)),
        groups: tensors(ofLayer: layer))
    }
  }

  /// Queries, keys and values lie end to end, so that one product serves all three.
  private func tensors(ofLayer layer: Int) -> [[ParameterLayout.Tensor]] {
    let (hidden, inner) = (hiddenSize, intermediateSize)
    let name = tensorPrefix + "encoder.layer.\(layer)."
    let parts = ["query", "key", "value"].map { name + "attention.self.\($0)." }
    return [
      parts.map { ($0 + "weight", [hidden, hidden]) },
      parts.map { ($0 + "bias", [hidden]) },
      [(name + "attention.output.dense.weight", [hidden, hidden])],
      [(name + "attention.output.dense.bias", [hidden])],
      [(name + "attention.output.LayerNorm.weight", [hidden])],
      [(name + "attention.output.LayerNorm.bias", [hidden])],
      [(name + "intermediate.dense.weight", [inner, hidden])],
      [(name + "intermediate.dense.bias", [inner])],
      [(name + "output.dense.weight", [hidden, inner])],
      [(name + "output.dense.bias", [hidden])],
      [(name + "output.LayerNorm.weight", [hidden])],
      [(name + "output.LayerNorm.bias", [hidden])],
    ]
  }
}

/// The embeddings besides those of words, or their gradients.
struct BertEmbeddingParameters {
  /// `[N, H]`
  let position: Matrix<Float>
  /// `[types, H]`
  let type: Matrix<Float>
  /// `[H]`, as the next.
  let gamma: Vector<Float>
  let beta: Vector<Float>

  init(_ reader: SlotReader) {
    var reader = reader
    position = reader.matrix()
    type = reader.matrix()
    gamma = reader.vector()
    beta = reader.vector()
  }
}

/// One layer's parameters, or their gradients.
struct BertLayerParameters {
  /// Queries, keys and values. `[3H, H]`
  let qkv: Matrix<Float>
  /// `[3H]`
  let qkvBias: Vector<Float>
  /// `[H, H]`
  let attentionDense: Matrix<Float>
  /// `[H]`, as the next two.
  let attentionBias: Vector<Float>
  let attentionGamma: Vector<Float>
  let attentionBeta: Vector<Float>
  /// `[I, H]`
  let intermediate: Matrix<Float>
  /// `[I]`
  let intermediateBias: Vector<Float>
  /// `[H, I]`
  let dense: Matrix<Float>
  /// `[H]`, as the next two.
  let denseBias: Vector<Float>
  let gamma: Vector<Float>
  let beta: Vector<Float>

  init(_ reader: SlotReader) {
    var reader = reader
    qkv = reader.matrix(3)
    qkvBias = reader.vector(3)
    attentionDense = reader.matrix()
    attentionBias = reader.vector()
    attentionGamma = reader.vector()
    attentionBeta = reader.vector()
    intermediate = reader.matrix()
    intermediateBias = reader.vector()
    dense = reader.matrix()
    denseBias = reader.vector()
    gamma = reader.vector()
    beta = reader.vector()
  }
}
