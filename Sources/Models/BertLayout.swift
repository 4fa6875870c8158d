// The parameters of a BERT classifier: their Hugging Face names, their order in the buffer, and
// typed views of one layer's part, of the parameters and of their gradients alike.

import Memory

/// Which part of an encoder keeps its weights.
public enum EncoderFreezing: Sendable, Equatable {
  /// All of it is trained.
  case nothing
  /// The embeddings and so many layers above them keep their weights; a pooler is trained.
  case layers(Int)
  /// Embeddings, layers and pooler keep their weights.
  case everything

  /// How many layers keep their weights.
  func layerCount(of configuration: BertConfiguration) -> Int {
    switch self {
    case .nothing: 0
    case .layers(let count): min(count, configuration.layerCount)
    case .everything: configuration.layerCount
    }
  }

  /// Whether the embeddings keep their weights.
  public var includesEmbeddings: Bool { self != .nothing }

  /// Whether a layer, counted from the embeddings, keeps its weights.
  public func includes(layer: Int) -> Bool {
    switch self {
    case .nothing: false
    case .layers(let count): layer < count
    case .everything: true
    }
  }
}

extension ParameterLayout {
  /// Embeddings, layers, and a classifier of `labelCount` labels on the pooled vector. A pooler shares
  /// the classifier's bucket, unless it is frozen.
  public init(
    _ configuration: BertConfiguration, pooling: Pooling, labelCount: Int,
    freezing: EncoderFreezing = .nothing
  ) {
    let (hidden, inner) = (configuration.hiddenSize, configuration.intermediateSize)
    self.init()
    append(
      "word embeddings",
      kind: .sparseRows(rows: configuration.vocabularySize, columns: hidden),
      layersAbove: configuration.layerCount, isFrozen: freezing.includesEmbeddings,
      groups: [
        [("bert.embeddings.word_embeddings.weight", [configuration.vocabularySize, hidden])]
      ])
    append(
      "embeddings", layersAbove: configuration.layerCount,
      isFrozen: freezing.includesEmbeddings,
      groups: [
        [("bert.embeddings.position_embeddings.weight", [configuration.maximumPositions, hidden])],
        [("bert.embeddings.token_type_embeddings.weight", [configuration.typeCount, hidden])],
        [("bert.embeddings.LayerNorm.weight", [hidden])],
        [("bert.embeddings.LayerNorm.bias", [hidden])],
      ])
    for layer in 0..<configuration.layerCount {
      append(
        "layer \(layer)", layersAbove: configuration.layerCount - 1 - layer,
        isFrozen: freezing.includes(layer: layer),
        groups: Self.layerTensors(layer, hidden, inner))
    }
    let pooler: [[Tensor]] = [
      [("bert.pooler.dense.weight", [hidden, hidden])], [("bert.pooler.dense.bias", [hidden])],
    ]
    let hasFrozenPooler = pooling == .cls && freezing == .everything
    if hasFrozenPooler { append("pooler", isFrozen: true, groups: pooler) }
    append(
      "classifier", isHead: { $0.hasPrefix("classifier.") },
      groups: (pooling == .cls && !hasFrozenPooler ? pooler : []) + [
        [("classifier.weight", [labelCount, hidden])], [("classifier.bias", [labelCount])],
      ])
  }

  /// Queries, keys and values lie end to end, so that one product serves all three.
  private static func layerTensors(_ layer: Int, _ hidden: Int, _ inner: Int) -> [[Tensor]] {
    let name = "bert.encoder.layer.\(layer)."
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

/// Cuts views of named tensors out of a buffer that holds one bucket, or all of them.
struct SlotReader {
  private let base: Vector<Float>
  private let origin: Int
  private var slots: ArraySlice<ParameterSlot>

  /// - Parameters:
  ///   - base: the floats of the bucket, or of all parameters.
  ///   - origin: where `base` begins in the layout.
  init(_ layout: ParameterLayout, bucket: Int, base: Vector<Float>, origin: Int) {
    self.init(layout, buckets: bucket...bucket, base: base, origin: origin)
  }

  /// Cuts views out of several buckets that follow one another.
  init(_ layout: ParameterLayout, buckets: ClosedRange<Int>, base: Vector<Float>, origin: Int) {
    self.base = base
    self.origin = origin
    let first = layout.buckets[buckets.lowerBound].slots.lowerBound
    slots = layout.slots[first..<layout.buckets[buckets.upperBound].slots.upperBound]
  }

  /// The next `count` tensors as one vector.
  mutating func vector(_ count: Int = 1) -> Vector<Float> {
    let taken = slots.prefix(count)
    slots = slots.dropFirst(count)
    guard let first = taken.first, let last = taken.last else {
      preconditionFailure("the bucket has no more tensors")
    }
    return base[first.range.lowerBound - origin..<last.range.upperBound - origin]
  }

  /// The next `count` tensors, which share their number of columns, as one matrix.
  mutating func matrix(_ count: Int = 1) -> Matrix<Float> {
    guard let columns = slots.first?.shape.last else {
      preconditionFailure("the bucket has no more tensors")
    }
    let values = vector(count)
    return values.matrix(values.count / columns, columns)
  }
}

/// The embeddings besides those of words, or their gradients.
struct EmbeddingParameters {
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
struct LayerParameters {
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

/// The pooler, where there is one, and the classifier, or their gradients.
struct HeadParameters {
  /// `[H, H]`
  let pooler: Matrix<Float>?
  /// `[H]`
  let poolerBias: Vector<Float>?
  /// `[L, H]`
  let classifier: Matrix<Float>
  /// `[L]`
  let classifierBias: Vector<Float>

  init(_ reader: SlotReader, pooling: Pooling) {
    var reader = reader
    pooler = pooling == .cls ? reader.matrix() : nil
    poolerBias = pooling == .cls ? reader.vector() : nil
    classifier = reader.matrix()
    classifierBias = reader.vector()
  }
}
