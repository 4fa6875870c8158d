// The table of a BERT's tensors: their Hugging Face names and their order in the buffer, and typed
// views of one layer's part, of the parameters and of their gradients alike.

import Memory

extension BertConfiguration {
  package func appendBuckets(to layout: inout ParameterLayout, freezing: EncoderFreezing) {
    let name = tensorPrefix + "embeddings."
    let lowest = ParameterBucket.Place(
      layersAbove: layerCount, isFrozen: freezing.includesEmbeddings)
    layout.append(
      "word embeddings", kind: .sparseRows(rows: vocabularySize, columns: embeddingSize),
      place: lowest,
      groups: [[(name + "word_embeddings.weight", [vocabularySize, embeddingSize])]])
    layout.append("embeddings", place: lowest, groups: embeddingTensors)
    for layer in 0..<layerCount {
      layout.append(
        "layer \(layer)",
        place: .init(
          layersAbove: layerCount - 1 - layer, isFrozen: freezing.includes(layer: layer)),
        groups: tensors(ofLayer: layer))
    }
  }

  /// Those besides the words'. What all layers share is here: its gradient is whole when the lowest
  /// layer's backward pass has ended.
  private var embeddingTensors: [[ParameterLayout.Tensor]] {
    let (name, size) = (tensorPrefix + "embeddings.", embeddingSize)
    var tensors: [[ParameterLayout.Tensor]] = [
      [(name + "position_embeddings.weight", [positionCount, size])]
    ]
    if typeCount > 0 {
      tensors.append([(name + "token_type_embeddings.weight", [typeCount, size])])
    }
    tensors += [[(name + "LayerNorm.weight", [size])], [(name + "LayerNorm.bias", [size])]]
    if projectedSize != nil {
      let project = tensorPrefix + "embeddings_project."
      tensors += [[(project + "weight", [hiddenSize, size])], [(project + "bias", [hiddenSize])]]
    }
    if relativeBuckets > 0 {
      let bias = tensorPrefix + "encoder.relative_attention_bias.weight"
      tensors.append([(bias, [relativeBuckets, headCount])])
    }
    return tensors
  }

  /// Queries, keys and values lie end to end, so that one product serves all three.
  private func tensors(ofLayer layer: Int) -> [[ParameterLayout.Tensor]] {
    let (hidden, inner) = (hiddenSize, intermediateSize)
    let names = family.layerNames
    let name = tensorPrefix + names.layer + "\(layer)."
    func tensors(_ part: String, _ shape: [Int]) -> [[ParameterLayout.Tensor]] {
      [[(name + part + ".weight", shape)], [(name + part + ".bias", [shape[0]])]]
    }
    return [
      names.attention.map { (name + $0 + ".weight", [hidden, hidden]) },
      names.attention.map { (name + $0 + ".bias", [hidden]) },
    ] + tensors(names.attentionDense, [hidden, hidden]) + tensors(names.attentionNorm, [hidden])
      + tensors(names.intermediate, [inner, hidden]) + tensors(names.dense, [hidden, inner])
      + tensors(names.norm, [hidden])
  }
}

/// The embeddings besides those of words, or their gradients.
struct BertEmbeddingParameters {
  /// `[N, E]`
  let position: Matrix<Float>
  /// `[types, E]`; nil in families without.
  let type: Matrix<Float>?
  /// `[E]`, as the next.
  let gamma: Vector<Float>
  let beta: Vector<Float>
  /// `[H, E]` and `[H]`; nil where embeddings have the size of the layers.
  let projection: (weight: Matrix<Float>, bias: Vector<Float>)?
  /// What distances add to scores, `[buckets, A]`; nil in families without.
  let relativeBias: Matrix<Float>?

  init(_ reader: SlotReader, _ configuration: BertConfiguration) {
    var reader = reader
    position = reader.matrix()
    type = configuration.typeCount > 0 ? reader.matrix() : nil
    gamma = reader.vector()
    beta = reader.vector()
    projection =
      configuration.projectedSize == nil ? nil : (reader.matrix(), reader.vector())
    relativeBias = configuration.relativeBuckets > 0 ? reader.matrix() : nil
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
